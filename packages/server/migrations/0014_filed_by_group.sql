-- Earlier reports of an account, or of a dataset's host, are named in later ones.
CREATE INDEX cases_filed_by_group ON cases (group_key, filed_at) WHERE filed_at IS NOT NULL;
