-- 0003 one attempt for each job

-- 1 where another attempt had this job first: adopted by mistake, or a server that gave an id twice.
ALTER TABLE attempts ADD COLUMN shares_job INTEGER NOT NULL DEFAULT 0;
UPDATE attempts SET shares_job = 1 WHERE job_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM attempts AS first
    WHERE first.job_id = attempts.job_id AND first.base_url = attempts.base_url AND first.id < attempts.id
);
CREATE UNIQUE INDEX attempts_by_address_and_job ON attempts (base_url, job_id) WHERE shares_job = 0;
