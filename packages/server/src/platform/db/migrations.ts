export { migrate } from "./migrate.ts"
export { MIGRATIONS_DIR, readMigrations } from "./migration-files.ts"
