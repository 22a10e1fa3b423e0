-- The keys that values were ever encrypted with, and a proof: a constant, encrypted. A key file that cannot read it is not this
-- database's.
CREATE TABLE secret_keys (
    id    TEXT PRIMARY KEY NOT NULL,
    proof BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Environment variables. The value is encrypted; the rest is in clear.
CREATE TABLE variables (
    id      TEXT PRIMARY KEY NOT NULL,
    owner   TEXT NOT NULL, -- user/<id>, project/<id>, organization/<id>
    name    TEXT NOT NULL,
    pattern TEXT NOT NULL, -- of repositories; empty unless it is a user's
    record  TEXT NOT NULL,
    value   BLOB NOT NULL,
    UNIQUE (owner, name, pattern)
) STRICT, WITHOUT ROWID;
