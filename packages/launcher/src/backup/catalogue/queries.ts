/**
 * Queries for every catalogue entry that can run code, change the meaning of a statement or give access. Each entry is
 * a name and a definition without OIDs, which differ between databases made the same way.
 * @module
 */

/** Reads one kind of entry. */
export interface CatalogueQuery {
  /** Such as `function`. */
  readonly kind: string
  /** Its first column names the entry, its second defines it. */
  readonly sql: string
}

/** A row of members as text. */
const row = (...members: readonly string[]) => `row(${members.join(", ")})::text`

const owner = (column: string) => `pg_get_userbyid(${column})`

/** Queries for the whole cluster, read once. */
export const CLUSTER_QUERIES: readonly CatalogueQuery[] = [
  {
    kind: "database",
    sql: `SELECT datname::text, ${row(owner("datdba"), "encoding", "datlocprovider", "datistemplate", "datallowconn", "dathasloginevt", "datconnlimit", "dattablespace", "datcollate", "datctype", "datlocale", "datacl")} FROM pg_database`,
  },
  {
    kind: "role",
    sql: `SELECT rolname::text, ${row("rolsuper", "rolinherit", "rolcreaterole", "rolcreatedb", "rolcanlogin", "rolreplication", "rolbypassrls", "rolconnlimit", "rolvaliduntil")} FROM pg_authid`,
  },
  {
    kind: "membership",
    sql: `SELECT ${owner("member")}::text || ' in ' || ${owner("roleid")}::text, ${row(owner("grantor"), "admin_option", "inherit_option", "set_option")} FROM pg_auth_members`,
  },
  {
    kind: "role or database setting",
    sql: `SELECT coalesce((SELECT datname FROM pg_database d WHERE d.oid = setdatabase)::text, 'all') || '.' || CASE WHEN setrole = 0 THEN 'all' ELSE ${owner("setrole")}::text END, setconfig::text FROM pg_db_role_setting`,
  },
  {
    kind: "tablespace",
    sql: `SELECT spcname::text, ${row(owner("spcowner"), "spcacl", "spcoptions")} FROM pg_tablespace`,
  },
  { kind: "parameter grant", sql: "SELECT parname, paracl::text FROM pg_parameter_acl" },
  {
    kind: "subscription",
    sql: `SELECT subname::text, ${row(owner("subowner"), "subenabled", "subconninfo", "subpublications")} FROM pg_subscription`,
  },
  { kind: "shared label", sql: "SELECT row(objoid, classoid, provider)::text, label FROM pg_shseclabel" },
]

const TOAST = "relnamespace <> 'pg_toast'::regnamespace"

/** Queries for each database. */
export const DATABASE_QUERIES: readonly CatalogueQuery[] = [
  {
    kind: "event trigger",
    sql: `SELECT evtname::text, ${row("evtevent", owner("evtowner"), "evtfoid::regprocedure", "evtenabled", "evttags")} FROM pg_event_trigger`,
  },
  {
    kind: "extension",
    sql: `SELECT extname::text, ${row(owner("extowner"), "extnamespace::regnamespace", "extversion")} FROM pg_extension`,
  },
  {
    kind: "language",
    sql: `SELECT lanname::text, ${row(owner("lanowner"), "lanispl", "lanpltrusted", "lanplcallfoid::regprocedure", "laninline::regprocedure", "lanvalidator::regprocedure", "lanacl")} FROM pg_language`,
  },
  // Schemas of temporary tables come and go; their contents are compared below.
  {
    kind: "schema",
    sql: `SELECT nspname::text, ${row(owner("nspowner"), "nspacl")} FROM pg_namespace WHERE NOT (nspname ~ '^pg_(toast_)?temp_[0-9]+$')`,
  },
  {
    kind: "function",
    sql: `SELECT oid::regprocedure::text, ${row("(SELECT lanname FROM pg_language l WHERE l.oid = prolang)", owner("proowner"), "prokind", "prosecdef", "proleakproof", "proisstrict", "proretset", "provolatile", "proparallel", "procost", "prorows", "provariadic::regtype", "prosupport::regproc", "prorettype::regtype", "pg_get_function_arguments(oid)", "prosrc", "probin", "pg_get_function_sqlbody(oid)", "proconfig", "proacl", "protrftypes")} FROM pg_proc`,
  },
  {
    kind: "aggregate",
    sql: `SELECT aggfnoid::regprocedure::text, ${row("aggkind", "aggtransfn", "aggfinalfn", "aggcombinefn", "aggserialfn", "aggdeserialfn", "aggmtransfn", "aggminvtransfn", "aggmfinalfn", "aggsortop::regoperator", "aggtranstype::regtype", "aggmtranstype::regtype", "agginitval", "aggminitval")} FROM pg_aggregate`,
  },
  {
    kind: "trigger",
    sql: `SELECT tgrelid::regclass::text || '.' || CASE WHEN tgisinternal THEN tgfoid::regprocedure::text ELSE tgname::text END, ${row("CASE WHEN tgisinternal THEN '' ELSE pg_get_triggerdef(oid) END", "tgfoid::regprocedure", "tgtype", "tgenabled", "tgisinternal", "tgconstrrelid::regclass", "tgdeferrable", "tginitdeferred", "tgattr", "tgqual IS NULL")} FROM pg_trigger`,
  },
  {
    kind: "rule",
    sql: `SELECT ev_class::regclass::text || '.' || rulename, ${row("ev_type", "ev_enabled", "is_instead", "pg_get_ruledef(oid)")} FROM pg_rewrite`,
  },
  {
    kind: "row security policy",
    sql: `SELECT polrelid::regclass::text || '.' || polname, ${row("polcmd", "polpermissive", "polroles::regrole[]", "pg_get_expr(polqual, polrelid)", "pg_get_expr(polwithcheck, polrelid)")} FROM pg_policy`,
  },
  {
    kind: "relation",
    sql: `SELECT oid::regclass::text, ${row("relkind", owner("relowner"), "(SELECT amname FROM pg_am a WHERE a.oid = relam)", "relpersistence", "relispartition", "pg_get_expr(relpartbound, oid)", "relrowsecurity", "relforcerowsecurity", "relhasrules", "relhastriggers", "relreplident", "reltablespace", "reloptions", "relacl")} FROM pg_class WHERE ${TOAST}`,
  },
  {
    kind: "column",
    sql: `SELECT attrelid::regclass::text || '.' || attname, ${row("atttypid::regtype", "atttypmod", "attnotnull", "attidentity", "attgenerated", "attcollation::regcollation", "attcompression", "attacl", "attoptions", "attfdwoptions")} FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE attnum > 0 AND NOT attisdropped AND ${TOAST}`,
  },
  {
    kind: "column default",
    sql: `SELECT adrelid::regclass::text || '.' || adnum, pg_get_expr(adbin, adrelid) FROM pg_attrdef`,
  },
  {
    kind: "index",
    sql: `SELECT indexrelid::regclass::text, ${row("pg_get_indexdef(indexrelid)", "indisunique", "indisprimary", "indisexclusion", "indisvalid", "indisready", "indislive")} FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE ${TOAST}`,
  },
  {
    kind: "constraint",
    sql: `SELECT conrelid::regclass::text || ' ' || contypid::regtype::text || ' ' || conname, ${row("contype", "condeferrable", "condeferred", "convalidated", "conenforced", "pg_get_constraintdef(oid)")} FROM pg_constraint`,
  },
  {
    kind: "operator",
    sql: `SELECT oid::regoperator::text, ${row(owner("oprowner"), "oprkind", "oprcanmerge", "oprcanhash", "oprresult::regtype", "oprcom::regoperator", "oprnegate::regoperator", "oprcode::regprocedure", "oprrest::regproc", "oprjoin::regproc")} FROM pg_operator`,
  },
  {
    kind: "cast",
    sql: `SELECT castsource::regtype::text || ' to ' || casttarget::regtype::text, ${row("castfunc::regprocedure", "castcontext", "castmethod")} FROM pg_cast`,
  },
  {
    kind: "type",
    sql: `SELECT oid::regtype::text, ${row(owner("typowner"), "typlen", "typbyval", "typtype", "typcategory", "typispreferred", "typelem::regtype", "typsubscript::regproc", "typinput::regproc", "typoutput::regproc", "typreceive::regproc", "typsend::regproc", "typmodin::regproc", "typmodout::regproc", "typanalyze::regproc", "typnotnull", "typbasetype::regtype", "typdefault", "typacl")} FROM pg_type WHERE typnamespace <> 'pg_toast'::regnamespace`,
  },
  { kind: "enum", sql: `SELECT enumtypid::regtype::text || '.' || enumlabel, enumsortorder::text FROM pg_enum` },
  {
    kind: "range",
    sql: `SELECT rngtypid::regtype::text, ${row("rngsubtype::regtype", "rngcanonical::regproc", "rngsubdiff::regproc")} FROM pg_range`,
  },
  {
    kind: "operator class",
    sql: `SELECT (SELECT amname FROM pg_am a WHERE a.oid = opcmethod)::text || ' ' || opcnamespace::regnamespace::text || '.' || opcname, ${row(owner("opcowner"), "opcintype::regtype", "opcdefault", "opckeytype::regtype")} FROM pg_opclass`,
  },
  {
    kind: "operator family member",
    sql: `SELECT (SELECT opfname FROM pg_opfamily f WHERE f.oid = amopfamily)::text || ' ' || amopopr::regoperator::text, ${row("amopstrategy", "amoppurpose", "amoplefttype::regtype", "amoprighttype::regtype", "(SELECT amname FROM pg_am a WHERE a.oid = amopmethod)")} FROM pg_amop`,
  },
  {
    kind: "operator family function",
    sql: `SELECT (SELECT opfname FROM pg_opfamily f WHERE f.oid = amprocfamily)::text || ' ' || amproc::regproc::text, ${row("amprocnum", "amproclefttype::regtype", "amprocrighttype::regtype")} FROM pg_amproc`,
  },
  { kind: "access method", sql: `SELECT amname::text, ${row("amhandler", "amtype")} FROM pg_am` },
  {
    kind: "conversion",
    sql: `SELECT conname::text, ${row("connamespace::regnamespace", "conforencoding", "contoencoding", "conproc", "condefault")} FROM pg_conversion`,
  },
  { kind: "transform", sql: `SELECT trftype::regtype::text, ${row("trffromsql", "trftosql")} FROM pg_transform` },
  {
    kind: "text search parser",
    sql: `SELECT prsname::text, ${row("prsstart", "prstoken", "prsend", "prsheadline", "prslextype")} FROM pg_ts_parser`,
  },
  { kind: "text search template", sql: `SELECT tmplname::text, ${row("tmplinit", "tmpllexize")} FROM pg_ts_template` },
  { kind: "text search dictionary", sql: `SELECT dictname::text, ${row("dictinitoption")} FROM pg_ts_dict` },
  {
    kind: "foreign data wrapper",
    sql: `SELECT fdwname::text, ${row("fdwhandler::regproc", "fdwvalidator::regproc", "fdwoptions")} FROM pg_foreign_data_wrapper`,
  },
  { kind: "foreign server", sql: `SELECT srvname::text, ${row("srvtype", "srvoptions")} FROM pg_foreign_server` },
  { kind: "user mapping", sql: `SELECT umuser::text, umoptions::text FROM pg_user_mapping` },
  { kind: "foreign table", sql: `SELECT ftrelid::regclass::text, ftoptions::text FROM pg_foreign_table` },
  {
    kind: "publication",
    sql: `SELECT pubname::text, ${row(owner("pubowner"), "puballtables")} FROM pg_publication`,
  },
  {
    kind: "default grant",
    sql: `SELECT ${owner("defaclrole")}::text || ' ' || defaclnamespace::regnamespace::text || ' ' || defaclobjtype::text, defaclacl::text FROM pg_default_acl`,
  },
  {
    kind: "extended statistics",
    sql: `SELECT stxnamespace::regnamespace::text || '.' || stxname, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext`,
  },
  {
    kind: "inheritance",
    sql: `SELECT inhrelid::regclass::text, inhparent::regclass::text FROM pg_inherits`,
  },
  {
    kind: "sequence",
    sql: `SELECT seqrelid::regclass::text, ${row("seqtypid::regtype", "seqstart", "seqincrement", "seqmax", "seqmin", "seqcache", "seqcycle")} FROM pg_sequence`,
  },
  // Collations of the operating system differ between machines and run no code.
  {
    kind: "collation",
    sql: `SELECT collnamespace::regnamespace::text || '.' || collname, ${row("collprovider", "collcollate", "colllocale")} FROM pg_collation WHERE oid >= 16384`,
  },
  { kind: "large object", sql: `SELECT oid::text, ${owner("lomowner")}::text FROM pg_largeobject_metadata` },
  { kind: "label", sql: `SELECT row(objoid, classoid, objsubid, provider)::text, label FROM pg_seclabel` },
]

/** The migrations that the database says it has. */
export const MIGRATIONS_QUERY: CatalogueQuery = {
  kind: "migration",
  sql: "SELECT name, sha256 FROM public.schema_migrations",
}
