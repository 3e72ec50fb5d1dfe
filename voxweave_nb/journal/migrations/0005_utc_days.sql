-- 0005 days in UTC

UPDATE attempts SET day = date(at, 'unixepoch');    -- it was the local date, which a change of the time zone moves
