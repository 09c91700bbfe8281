// Starts `asiaq lsp` and connects it to the editor.

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function start() {
  const command = vscode.workspace.getConfiguration("asiaq").get("path");
  client = new LanguageClient(
    "asiaq",
    "asiaq",
    { command, args: ["lsp"] },
    {
      documentSelector: [
        { scheme: "file", language: "asq" },
        { scheme: "untitled", language: "asq" },
      ],
      initializationOptions: { showReferences: true },
    },
  );
  try {
    await client.start();
  } catch (error) {
    vscode.window.showErrorMessage(`asiaq: cannot run \`${command} lsp\`; set asiaq.path. ${error.message ?? error}`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running?.needsStop()) await running.stop();
}

// What a lens above a declaration leads to: the places come in the protocol's form.
function showReferences(uri, position, locations) {
  const convert = client.protocol2CodeConverter;
  return vscode.commands.executeCommand(
    "editor.action.showReferences",
    convert.asUri(uri),
    convert.asPosition(position),
    locations.map((location) => convert.asLocation(location)),
  );
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("asiaq.showReferences", showReferences),
    vscode.commands.registerCommand("asiaq.restart", async () => {
      await stop();
      await start();
    }),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("asiaq.path")) await vscode.commands.executeCommand("asiaq.restart");
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
