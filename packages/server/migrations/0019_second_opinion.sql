-- A reviewer may ask that somebody else decides again. Adds a column with a constant default: no rewrite, a short lock.

ALTER TABLE decisions ADD COLUMN asks_second boolean NOT NULL DEFAULT false;
