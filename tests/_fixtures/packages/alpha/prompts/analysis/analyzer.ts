import { DefaultTagParser, Prompt } from "@lllm/lllm/prompt";

export const summary = new Prompt({
  path: "summary",
  prompt: "Sum up {text} in <summary>, with <points>.",
  parser: new DefaultTagParser({ xmlTags: ["summary", "points"], requiredXmlTags: ["summary"] }),
});
export const multiTag = new Prompt({
  path: "multi_tag",
  prompt: "Weigh {text}.",
  parser: new DefaultTagParser({ xmlTags: ["for", "against"] }),
});
export const codeReview = new Prompt({
  path: "code_review",
  prompt: "Review {code}.",
  parser: new DefaultTagParser({ mdTags: ["python"] }),
});
export const signalOnly = new Prompt({
  path: "signal_only",
  prompt: "Is {claim} true? Say <VALID> or <INVALID>.",
  parser: new DefaultTagParser({ signalTags: ["VALID", "INVALID"] }),
});
