/**
 * The list file that commands of `nightlight lists` take, and its format.
 * @module
 */
import { Argument, type Command, Option } from "commander"
import { completeLater } from "./complete-later.ts"

/** Adds the argument `<file>` and the option `--format`, with the names of the formats in the help. */
export function takeListFile(command: Command): Command {
  const file = new Argument("<file>", "the list file, plain or gzipped")
  const formats = new Option("--format <format>", "format of the file (default: recognised by its content)")
  // The formats are loaded only for a command that shows or reads them.
  completeLater(command, async () => {
    const { LIST_FORMATS, listFormatNames } = await import("@nightlight/exchanges")
    formats.choices(listFormatNames)
    const titles = listFormatNames.map((name) => LIST_FORMATS[name].title).toReversed()
    file.description = `a list file, plain or gzipped: ${titles.join("; ")}`
  })
  return command.addArgument(file).addOption(formats)
}
