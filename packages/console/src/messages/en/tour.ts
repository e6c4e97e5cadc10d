/** Words of the tour of the first sign-in. */
export const tour = {
  title: "A minute before you begin",
  step: (n: number, of: number) => `${n} of ${of}`,
  next: "Next",
  before: "Back",
  done: "Begin",
  skip: "Skip the tour",
  steps: {
    home: {
      title: "Home shows what needs you",
      text: "First a sentence, then the list, with what is due first at the top. Open anything by its link; new entries appear by themselves.",
    },
    cases: {
      title: "Most cases need no viewing",
      text: "A case opens on five facts: what matched and how certain that is, where it came from, when we knew, what was done, what the policy suggests. Read them, press a number, press Enter. You have ten seconds to undo it.",
    },
    viewing: {
      title: "Nothing is shown until you ask",
      text: "A viewing asks why, and shows a small grey picture only while you hold the key. Let go, and it is gone. Each day has a limit, which is not a goal.",
    },
    breaks: {
      title: "b is for a break",
      text: "Press b on any page. Nobody asks why, and what you were writing is kept. Every page lists help lines.",
    },
    reports: {
      title: "Reports say how each statement is known",
      text: "Reports are filled in from recorded facts, each with its origin. Two people sign; the custodian files. You see exactly what is sent.",
    },
    keys: {
      title: "Everything has a key",
      text: "Press ? on any page for its keys. g and a letter goes to another page, j and k move in a list.",
    },
    custody: {
      title: "Make your signing key",
      text: "You view and sign with a key that only this browser has. Under Your settings, type in the code that the custodian's host gave you.",
    },
    operating: {
      title: "You run it; you see no case",
      text: "People, keys, sources and limits are yours. One person requests a role or another serious change; another person grants it.",
    },
  },
} as const
