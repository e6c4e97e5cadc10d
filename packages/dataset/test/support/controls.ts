/** What a terminal, browser or reader might obey: every control, format and unassigned character but the line feed. */
export const CONTROLS: RegExp = /[^\P{C}\n]/u
