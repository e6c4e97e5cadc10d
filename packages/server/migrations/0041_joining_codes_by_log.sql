-- How often a code was tried is counted from the log, where nobody takes a try back.
ALTER TABLE joining_codes DROP COLUMN wrong_tries;
