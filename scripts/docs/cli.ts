import type { Argument, Command, Option } from "commander"

/** Lists every command of the program with its arguments and options, as commander knows them. */
export function cliPage(program: Command): string {
  const sections = commandsOf(program).map(({ path, command }) => {
    const help = command.createHelp()
    const lines = [`## \`${path}\``, sentence(command.description()), `\`\`\`text\n${usageOf(path, command)}\n\`\`\``]
    const rows = [
      ...command.registeredArguments.map((argument) => row(argument.name(), argumentText(argument))),
      ...help
        .visibleOptions(command)
        .filter(isOwn)
        .map((option) => row(option.flags, optionText(option))),
    ]
    return [...lines, ["| argument or option | meaning |", "|---|---|", ...rows].join("\n"), ...notesOf(command)]
  })
  const global = program.createHelp().visibleOptions(program)
  const rows = global.map((option) => row(option.flags, optionText(option)))
  const options = ["| option of every command | meaning |", "|---|---|", ...rows].join("\n")
  return ["# The `nightlight` command", INTRODUCTION, options, ...sections.flat()].join("\n\n")
}

const INTRODUCTION = `\`nightlight COMMAND --help\` says the same in a terminal. Results go to stdout, progress and errors to stderr. Exit codes:
\`docs/reference/exit-codes.md\`.`

interface Placed {
  readonly path: string
  readonly command: Command
}

/** Commands that do something, in the order of the help; those that only group others have no option of their own. */
function commandsOf(parent: Command, path = parent.name()): Placed[] {
  return parent
    .createHelp()
    .visibleCommands(parent)
    .filter((command) => command.name() !== "help")
    .flatMap((command) => {
      const full = `${path} ${command.name()}`
      const groups = command.commands.length > 0 && command.options.length === 0
      return [...(groups ? [] : [{ path: full, command }]), ...commandsOf(command, full)]
    })
}

/** Every command has a help option; the page says so once. */
function isOwn(option: Option): boolean {
  return option.long !== "--help"
}

function usageOf(path: string, command: Command): string {
  return `${path} ${command.usage()}`.trim()
}

/** Notes that the command's own help adds after its options. */
function notesOf(command: Command): string[] {
  let text = ""
  const write = (added: string) => {
    text += added
  }
  command.configureOutput({ writeOut: write, writeErr: write }).outputHelp()
  const notes = text.slice(command.helpInformation().length).trim()
  return notes === "" ? [] : [`\`\`\`text\n${notes}\n\`\`\``]
}

function argumentText(argument: Argument): string {
  return withFacts(argument.description, { choices: argument.argChoices, standard: argument.defaultValue })
}

function optionText(option: Option): string {
  return withFacts(option.description, { choices: option.argChoices, standard: option.defaultValue })
}

function withFacts(text: string, facts: { choices: readonly string[] | undefined; standard: unknown }): string {
  const choices = facts.choices === undefined ? "" : `: ${facts.choices.map((choice) => `\`${choice}\``).join(", ")}`
  const isPlain = ["string", "number"].includes(typeof facts.standard)
  return `${text}${choices}${isPlain ? ` (default \`${String(facts.standard)}\`)` : ""}`
}

function row(name: string, text: string): string {
  return `| \`${name}\` | ${text.replaceAll("|", "\\|").replaceAll("\n", " ")} |`
}

function sentence(text: string): string {
  return text === "" ? text : `${text[0]?.toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`
}
