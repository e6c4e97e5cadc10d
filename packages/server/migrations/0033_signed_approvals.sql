-- Approvals that people sign with their own keys, and what the custodian signed before evidence went or left the house.
ALTER TABLE acts
  -- The grant that the act gives to the custodian: ids, digests and times.
  ADD COLUMN grant_json jsonb,
  -- Signatures under the act's statement, with the key and the time of each.
  ADD COLUMN ask_proof jsonb,
  ADD COLUMN second_proof jsonb;
GRANT UPDATE (ask_proof, second_proof) ON acts TO nightlight_app;

-- Public halves of keys that approvals were signed with, as the custodian listed them; each is in the log too.
CREATE TABLE approval_keys (
  person_id text NOT NULL,
  key_id text NOT NULL,
  public_key text NOT NULL,
  pinned_at timestamptz NOT NULL,
  PRIMARY KEY (person_id, key_id)
);
GRANT SELECT, INSERT ON approval_keys TO nightlight_app;

-- What the custodian is asked under a certificate, and the receipt that it signed.
ALTER TABLE destruction_certificates ADD COLUMN order_json jsonb;
CREATE TABLE destruction_receipts (
  certificate_id text PRIMARY KEY REFERENCES destruction_certificates,
  document jsonb NOT NULL,
  received_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON destruction_receipts TO nightlight_app;

ALTER TABLE disclosures ADD COLUMN receipt_json jsonb;
