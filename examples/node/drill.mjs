// A custom key store is disconnected and connected again, seen by the AWS SDK for JavaScript v3.
//
// The server has to run; MOTO_CKS_ENDPOINT or AWS_ENDPOINT_URL is where (http://127.0.0.1:5000 without
// them). The argument is the name of the key store, ExampleKeyStore without it; one that does not
// exist is made.
//
//     npm install && node drill.mjs
//
// It exits with 1 at the first answer that is not what AWS documents.

import assert from "node:assert/strict";
import {
  ConnectCustomKeyStoreCommand,
  CreateKeyCommand,
  CustomKeyStoreNotFoundException,
  DecryptCommand,
  DescribeCustomKeyStoresCommand,
  DescribeKeyCommand,
  DisconnectCustomKeyStoreCommand,
  EncryptCommand,
  KMSClient,
  KMSInvalidStateException,
} from "@aws-sdk/client-kms";

const ENDPOINT = process.env.MOTO_CKS_ENDPOINT ?? process.env.AWS_ENDPOINT_URL ?? "http://127.0.0.1:5000";
const NAME = process.argv[2] ?? "ExampleKeyStore";
const PLAINTEXT = "the crown jewels";
const EncryptionContext = { department: "finance" };

const kms = new KMSClient({
  endpoint: ENDPOINT,
  region: process.env.AWS_REGION ?? "us-east-1",
  credentials: { accessKeyId: "testing", secretAccessKey: "testing" },
});

/** The key store of that name; undefined where there is none. */
async function find(name) {
  try {
    const answer = await kms.send(new DescribeCustomKeyStoresCommand({ CustomKeyStoreName: name }));
    return answer.CustomKeyStores[0];
  } catch (error) {
    if (error instanceof CustomKeyStoreNotFoundException) return undefined;
    throw error;
  }
}

/** Have the server build a key store, with its cluster, HSMs and users. */
async function make(name) {
  const answer = await fetch(new URL("/moto-api/cks/key-stores", ENDPOINT), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  assert.ok(answer.ok, `POST /moto-api/cks/key-stores: ${answer.status} ${await answer.text()}`);
}

/** Wait until the key store has reached a state. It may not pass through FAILED. */
async function reach(wanted) {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const { ConnectionState, ConnectionErrorCode } = await find(NAME);
    if (ConnectionState === wanted) return;
    assert.notEqual(ConnectionState, "FAILED", `the connection failed: ${ConnectionErrorCode}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  assert.fail(`the key store is not ${wanted} after a minute`);
}

async function connect(CustomKeyStoreId) {
  await kms.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId }));
  await reach("CONNECTED");
}

async function keyState(KeyId) {
  return (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata.KeyState;
}

async function decrypt(CiphertextBlob) {
  const answer = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
  return new TextDecoder().decode(answer.Plaintext);
}

async function drill() {
  if ((await find(NAME)) === undefined) await make(NAME);
  const store = await find(NAME);
  const { CustomKeyStoreId } = store;
  console.log(`${NAME} is ${CustomKeyStoreId}: ${store.ConnectionState}`);
  if (store.ConnectionState !== "CONNECTED") await connect(CustomKeyStoreId);

  const created = await kms.send(new CreateKeyCommand({ Origin: "AWS_CLOUDHSM", CustomKeyStoreId }));
  const { KeyId, Arn, CloudHsmClusterId, CreationDate } = created.KeyMetadata;
  assert.equal(CloudHsmClusterId, store.CloudHsmClusterId);
  assert.ok(CreationDate instanceof Date);
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId, Plaintext: new TextEncoder().encode(PLAINTEXT), EncryptionContext }),
  );
  assert.equal(await decrypt(CiphertextBlob), PLAINTEXT);
  console.log(`${KeyId} is ${await keyState(KeyId)}, and decrypts`);

  await kms.send(new DisconnectCustomKeyStoreCommand({ CustomKeyStoreId }));
  await reach("DISCONNECTED");
  assert.equal(await keyState(KeyId), "Unavailable");
  await assert.rejects(decrypt(CiphertextBlob), (error) => {
    assert.ok(error instanceof KMSInvalidStateException, `Decrypt failed with ${error}`);
    assert.equal(error.message, `${Arn} is unavailable.`);
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.equal(error.$metadata.attempts, 1); // the SDK does not try that again
    console.log(`disconnected: ${error.name}: ${error.message}`);
    return true;
  });

  await connect(CustomKeyStoreId);
  assert.equal(await keyState(KeyId), "Enabled");
  assert.equal(await decrypt(CiphertextBlob), PLAINTEXT);
  console.log("connected again, and decrypts");
}

try {
  await drill();
} catch (error) {
  console.error(error instanceof assert.AssertionError ? error.message : error);
  process.exitCode = 1;
}
