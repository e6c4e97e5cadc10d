/** Characters that a terminal or browser might obey: every control, format and unassigned one but the line feed. */
export const CONTROLS: RegExp = /[^\P{C}\n]/u
