-- Why an act was declined, as a code. A column that may be null: instant on any size, and code of before does not see it.
ALTER TABLE acts ADD COLUMN decline_reason text;
GRANT UPDATE (decline_reason) ON acts TO nightlight_app;
