-- Reports to authorities other than NCMEC, made by hand: that, when and by whom.
CREATE TABLE referrals (
  referral_id text PRIMARY KEY,
  case_id text NOT NULL,
  authority text NOT NULL,
  -- The authority's own reference: sealed under the case's key.
  reference bytea NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL
);
CREATE INDEX referrals_by_case ON referrals (case_id, made_at);
GRANT SELECT, INSERT ON referrals TO nightlight_app;
