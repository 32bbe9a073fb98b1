// A program in another language, written against nothing but the client that was generated from the API's document.
import { strict as assert } from "node:assert";
import { client } from "./generated/client.gen";
import * as rapport from "./generated";

client.setConfig({
  baseUrl: process.env.RAPPORT_ORIGIN,
  headers: { Authorization: `Bearer ${process.env.RAPPORT_TOKEN}` },
});

function ok<T>(answer: { data?: T; error?: unknown; response?: Response }): { data: T; response: Response } {
  assert.equal(answer.error, undefined, JSON.stringify(answer.error));
  assert.ok(answer.data !== undefined && answer.response !== undefined);
  return { data: answer.data, response: answer.response };
}

async function story(): Promise<void> {
  const me = ok(await rapport.whoAmI());
  console.log(`acts for ${me.data.person}`);

  const values = { name: "Ana Souza", email: "ana@example.com", city: "Porto" };
  const once = { "Idempotency-Key": "story-1" };
  const made = ok(await rapport.createCustomer({ body: { values }, headers: once }));
  const again = ok(await rapport.createCustomer({ body: { values }, headers: once }));
  assert.equal(again.data.id, made.data.id);
  const id = made.data.id;
  console.log("created, once");

  const known = await rapport.createCustomer({ body: { values } });
  assert.equal(known.response?.status, 409);

  const listed = ok(await rapport.listCustomers({ query: { filter: ["city.is:Porto"], fields: "name,city", limit: 1 } }));
  assert.deepEqual(listed.data.items.map((each) => [each.id, each.values.name]), [[id, "Ana Souza"]]);
  console.log("listed");

  const etag = made.response.headers.get("ETag");
  assert.ok(etag);
  const path = { public_id: id };
  const changed = ok(await rapport.updateCustomer({ path, body: { values: { city: "Braga" } }, headers: { "If-Match": etag } }));
  assert.equal(changed.data.values.city, "Braga");
  const stale = await rapport.updateCustomer({ path, body: { values: { city: "Faro" } }, headers: { "If-Match": etag } });
  assert.equal(stale.response?.status, 412);
  console.log("updated by its version; a stale one was refused");

  assert.ok(changed.data.undo);
  ok(await rapport.undoChange({ path: { change_id: changed.data.undo } }));
  const back = ok(await rapport.getCustomer({ path }));
  assert.equal(back.data.values.city, "Porto");
  console.log("undone");

  const rows = [1, 2].map((number) => ({ external_id: `C${number}`, values: { name: `Customer ${number}` } }));
  const first = ok(await rapport.upsertCustomers({ body: { source: "shop", rows } }));
  const second = ok(await rapport.upsertCustomers({ body: { source: "shop", rows } }));
  assert.deepEqual(first.data.rows.map((each) => each.state), ["created", "created"]);
  assert.deepEqual(second.data.rows.map((each) => each.state), ["unchanged", "unchanged"]);
  console.log("two brought in by their ids, and again without effect");
}

story().then(
  () => console.log("the story holds"),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
