-- 0001 runs, creates, steps

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    created REAL NOT NULL,          -- seconds since 1970
    updated REAL NOT NULL,
    state TEXT NOT NULL,            -- as in records.Run
    narration TEXT NOT NULL,        -- path
    narration_sha TEXT NOT NULL,
    seconds REAL NOT NULL,          -- the narration's length
    subtitles TEXT,                 -- path, or the text itself
    subtitles_are TEXT,             -- 'path' or 'text'
    config TEXT NOT NULL,           -- JSON
    chain TEXT NOT NULL,            -- JSON: the providers in their order
    reuse_key TEXT NOT NULL,
    output_dir TEXT NOT NULL,
    result TEXT,                    -- JSON, once it is finished
    message TEXT NOT NULL DEFAULT '',
    owner TEXT,                     -- which process holds it, or nothing
    beat REAL                       -- when that process last said so
);
CREATE INDEX runs_by_state ON runs (state);
CREATE INDEX runs_by_time ON runs (created);
CREATE INDEX runs_by_reuse ON runs (reuse_key, state);

CREATE TABLE creates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL REFERENCES runs (id),
    at REAL NOT NULL,
    day TEXT NOT NULL,              -- the local date
    provider TEXT NOT NULL,
    model TEXT,
    base_url TEXT,                  -- without user, password or query
    request_id TEXT NOT NULL,
    usd REAL,                       -- the estimate; nothing where no price is known
    usd_actual REAL,                -- what the provider reported
    outcome TEXT NOT NULL,          -- sent, accepted, refused, ambiguous
    job_id TEXT,
    status TEXT,                    -- the provider's last word
    picture TEXT,                   -- path
    picture_sha TEXT,
    words TEXT NOT NULL DEFAULT ''
);
CREATE INDEX creates_by_run ON creates (run);
CREATE INDEX creates_by_day ON creates (day);
CREATE INDEX creates_by_job ON creates (job_id);

CREATE TABLE steps (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL REFERENCES runs (id),
    at REAL NOT NULL,
    name TEXT NOT NULL,
    data TEXT NOT NULL DEFAULT ''
);
CREATE INDEX steps_by_run ON steps (run);
