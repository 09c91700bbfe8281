// Answers simulations, given as a JSON list, with a list of "Allowed", "Denied", or why there is no answer.
import { readFileSync } from "node:fs";
import { runSimulation } from "@cloud-copilot/iam-simulate";

const answers = [];
for (const simulation of JSON.parse(readFileSync(0, "utf8"))) {
  const response = await runSimulation(simulation, {});
  if (response.resultType === "error") {
    answers.push(response.errors.message + " " + JSON.stringify(response.errors));
  } else {
    answers.push(response.overallResult === "Allowed" ? "Allowed" : "Denied");
  }
}
console.log(JSON.stringify(answers));
