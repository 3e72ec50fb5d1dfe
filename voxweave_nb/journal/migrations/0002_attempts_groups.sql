-- 0002 attempts, groups

ALTER TABLE creates RENAME TO attempts;
ALTER TABLE attempts RENAME COLUMN picture TO clip;
ALTER TABLE attempts RENAME COLUMN picture_sha TO clip_sha;
ALTER TABLE attempts RENAME COLUMN words TO message;
ALTER TABLE attempts ADD COLUMN scene TEXT;     -- the storyboard's scene; NULL where the video is one scene
DROP INDEX creates_by_run;
DROP INDEX creates_by_day;
DROP INDEX creates_by_job;
CREATE INDEX attempts_by_run ON attempts (run);
CREATE INDEX attempts_by_day ON attempts (day);
CREATE INDEX attempts_by_job ON attempts (job_id);

CREATE TABLE run_groups (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,                         -- 'lab' or 'board'
    name TEXT NOT NULL,
    created REAL NOT NULL,                      -- seconds since 1970
    budget REAL,                                -- US dollars for the group's whole life; NULL for no limit
    pruned_usd REAL NOT NULL DEFAULT 0          -- US dollars of runs that were pruned: they still count
);
ALTER TABLE runs ADD COLUMN run_group TEXT REFERENCES run_groups (id);
CREATE INDEX runs_by_group ON runs (run_group);
