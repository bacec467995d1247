// openapi.mjs FILE: holds a description of an HTTP interface to OpenAPI's own schema.
import { Validator } from "@seriousme/openapi-schema-validator";

const file = process.argv[2];
const validator = new Validator();
const result = await validator.validate(file);
if (!result.valid || validator.version !== "3.1") {
  console.error(`${file}: is no OpenAPI 3.1:`, JSON.stringify(result.errors, null, 1).slice(0, 4000));
  process.exit(1);
}
console.log(`ok ${file} is OpenAPI ${validator.version}`);
