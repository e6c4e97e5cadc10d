-- Other cases of the same account, or of the same dataset and host, whatever came of them.
CREATE INDEX cases_by_group ON cases (group_key, opened_at);
