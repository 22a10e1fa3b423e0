-- Events are pruned per workspace, and read per workspace.
CREATE INDEX events_by_workspace ON events (workspace, sequence);

-- One row: the newest event that was ever pruned.
CREATE TABLE pruned (
    id       INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    sequence INTEGER NOT NULL
) STRICT;

INSERT INTO pruned (id, sequence) VALUES (1, 0);
