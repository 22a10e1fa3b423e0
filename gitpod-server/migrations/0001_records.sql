-- Records are JSON documents (their shape is versioned by serde's defaults); the columns beside them are what queries need.
CREATE TABLE workspaces (
    id         TEXT PRIMARY KEY NOT NULL,
    generation INTEGER NOT NULL,
    owner      TEXT NOT NULL,
    deleted    INTEGER NOT NULL,
    active     INTEGER NOT NULL,
    record     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX workspaces_by_owner ON workspaces (owner, id);
CREATE INDEX workspaces_active ON workspaces (id) WHERE active = 1;

-- AUTOINCREMENT: a sequence number is never given twice, also after rows went.
CREATE TABLE events (
    sequence  INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace TEXT NOT NULL,
    at        TEXT NOT NULL,
    kind      TEXT NOT NULL
) STRICT;

CREATE TABLE users (
    id         TEXT PRIMARY KEY NOT NULL,
    created_at TEXT NOT NULL,
    record     TEXT NOT NULL
) STRICT;

CREATE TABLE tokens (
    hash   TEXT PRIMARY KEY NOT NULL,
    user   TEXT NOT NULL, -- may precede its user: the first run stores the user last, as the mark of its end
    record TEXT NOT NULL
) STRICT, WITHOUT ROWID;
