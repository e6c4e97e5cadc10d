export { parseYaml, type YamlFile, type YamlSchema } from "./parse-yaml.ts"
