-- 0004 lost spend

CREATE TABLE lost_spend (
    name TEXT PRIMARY KEY,          -- the journal that was set aside or removed, with a spend that is not known
    at REAL NOT NULL,               -- seconds since 1970
    anew REAL                       -- when the person let budgets start anew; NULL until then
);
