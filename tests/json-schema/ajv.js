// Judges what it is handed, a line at a time: {"schema": …, "bodies": ["…", …]}, each body as JSON text. Answers each line
// with {"valid": [true, …]}, or with {"error": "…"} where the schema is not a valid one.
import { createInterface } from "node:readline";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

// Strict: keywords that nobody knows are refused. Each schema is checked against the official meta-schema.
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: true, validateSchema: true });
addFormats(ajv);

for await (const line of createInterface({ input: process.stdin })) {
  const { schema, bodies } = JSON.parse(line);
  let answer;
  try {
    const validate = ajv.compile(schema);
    answer = { valid: bodies.map((body) => validate(JSON.parse(body))) };
    ajv.removeSchema(schema);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
