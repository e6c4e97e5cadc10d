-- Whether the database's disk has room: a table is written and thrown away. The service's role makes no tables itself.
CREATE FUNCTION assert_disk_space() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  CREATE TEMPORARY TABLE disk_probe ON COMMIT DROP AS SELECT repeat('.', 1900) AS filler FROM generate_series(1, 512);
END
$$;
REVOKE ALL ON FUNCTION assert_disk_space() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION assert_disk_space() TO nightlight_app;
