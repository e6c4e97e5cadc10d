-- What reports call the dataset of a source: chosen where the source is enrolled, for nothing of our own places goes to NCMEC.
ALTER TABLE sources ADD COLUMN dataset_name text;
