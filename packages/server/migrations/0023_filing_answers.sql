-- What the CyberTipline answered to each call, whole, and sealed under the case's key: receipts, Request-IDs, ids, digests
-- and the reasons of a refusal. And who accepted a receipt that names other files than were uploaded.
ALTER TABLE report_steps ADD COLUMN answer bytea;
GRANT UPDATE (answer) ON report_steps TO nightlight_app;
ALTER TABLE reports ADD COLUMN receipt_accepted_by text;
