/** What a new project has besides modules. `__NAME__` stands for the project's name. */

export const MANIFEST =
  `# What this package is called; its resources have keys such as __NAME__.tools:search_notes.
# Folders of the usual names (prompts, tools, tactics, proxies, configs, assets) need no mention.
[package]
name = "__NAME__"
version = "0.1.0"
description = "Answers questions from notes"
`;

export const CONFIG =
  `# The model is scripted: it plays assets/scripts/__NAME__.yaml and needs no key and no network.
# For a real one, take out "invoker" and "script", and name it:
#   model_name: openai/gpt-4o-mini        (with OPENAI_API_KEY in the environment)
# "deno task lllm doctor" then says which flags the tasks in deno.json need, and what is missing.
tactic_type: __NAME__
invoker: scripted
script: ../assets/scripts/__NAME__.yaml
global:
  model_name: scripted/__NAME__
agent_configs:
  - name: helper
    system_prompt_path: helper/system
    tools: [search_notes]
`;

export const SCRIPT =
  `# What the scripted model answers: the first rule that fits. Texts in braces are filled in.
version: 1
rules:
  - when: { agent: helper, turn: 0 }
    reply:
      tool_calls:
        - { name: search_notes, arguments: { question: "{task}" } }
  - when: { agent: helper, matches: '"notes":\\s*\\[\\]' }
    reply:
      json: { answer: "The notes do not say.", sources: [] }
  - when: { agent: helper }
    reply:
      json:
        answer: "{json:notes[0].text}"
        sources: ["{json:notes[0].title}"]
`;

export const NOTES = `[
  {
    "title": "Opening hours",
    "text": "The reading room is open from 9 to 18, on Saturdays from 10 to 14. It is closed on Sundays."
  },
  {
    "title": "Borrowing",
    "text": "Books may be borrowed for four weeks, and renewed twice unless somebody waits for them."
  },
  {
    "title": "Animals",
    "text": "Dogs may wait in the hall, where there is water for them."
  }
]
`;

export const README = `# __NAME__

A helper answers questions about a reading room. It searches notes with a tool,
and its answer is checked against a schema. The model is scripted, so that
everything runs without a key.

\`\`\`sh
deno task start "May I bring my dog?"
deno task test
deno task check                  # format, lint, types
deno task lllm doctor            # what would be loaded, what is missing, which flags
deno task lllm run __NAME__ "Is it open on Sunday?" --json
\`\`\`

| place                  | holds                                                  |
| ---------------------- | ------------------------------------------------------ |
| \`tactics/\`             | the program                                            |
| \`prompts/\`             | what the helper is told, and the schema of its answers |
| \`tools/\`               | what it may call                                       |
| \`configs/default.yaml\` | which model, which prompt, which tools                 |
| \`assets/notes.json\`    | the notes                                              |
| \`assets/scripts/\`      | what the scripted model answers                        |
| \`tests/\`               | the tests                                              |
| \`main.ts\`, \`lllm.toml\` | the command, and the name of the package               |

To ask a real model, change \`configs/default.yaml\` as it says there, and give
the tasks in \`deno.json\` the flags that \`deno task lllm doctor\` names.
`;

export const GITIGNORE = `.env
*.jsonl
`;
