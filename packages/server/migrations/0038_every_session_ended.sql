-- The ending of all of a person's sessions that the log knew when this one started: one that is older than the last such
-- ending is over, whatever its own row says. None: nobody had ended them all.
ALTER TABLE sessions ADD COLUMN after_ending text;
