// A program in another language, written against nothing but the client that was generated from the API's document.
import { strict as assert } from "node:assert";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
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

interface Came {
  headers: Record<string, string>;
  body: string;
}

/** A system of one's own on this machine: notes what comes, and answers that it is taken. */
async function listen(): Promise<{ url: string; next: () => Promise<Came>; close: () => void }> {
  const came: Came[] = [];
  const waiting: ((each: Came) => void)[] = [];
  const plain = (headers: IncomingHttpHeaders): Record<string, string> =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const server = createServer((request, answer) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      answer.writeHead(204).end();
      const each = { headers: plain(request.headers), body: Buffer.concat(parts).toString() };
      const first = waiting.shift();
      if (first === undefined) came.push(each);
      else first(each);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const next = (): Promise<Came> => {
    const first = came.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("No message came within a minute.")), 60_000);
      waiting.push((each) => {
        clearTimeout(late);
        resolve(each);
      });
    });
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return { url, next, close: () => server.close() };
}

async function webhooks(): Promise<void> {
  const there = await listen();
  try {
    const closed = await rapport.createWebhook({ body: { url: "http://10.0.0.1/hook", types: ["customer.added"] } });
    assert.equal(closed.response?.status, 422);
    const made = ok(await rapport.createWebhook({ body: { url: there.url, types: ["customer.added"] } }));
    const added = ok(await rapport.createCustomer({ body: { values: { name: "Ben Told" } } }));
    const came = await there.next();

    const event = new Webhook(made.data.secret).verify(came.body, came.headers) as {
      specversion: string;
      type: string;
      data: { ids: string[] };
    };
    assert.equal(event.specversion, "1.0");
    assert.equal(event.type, "app.rapport.customer.added.v1");
    assert.deepEqual(event.data.ids, [added.data.id]);
    const fetched = ok(await rapport.getCustomer({ path: { public_id: event.data.ids[0]! } }));
    assert.equal(fetched.data.values.name, "Ben Told");
    console.log("told by a webhook, which the reference library verifies");

    const library = new Webhook(made.data.secret);
    assert.throws(() => library.verify(came.body.replace(added.data.id, "00000000-0000-4000-8000-000000000000"), came.headers));
    assert.throws(() => library.verify(came.body, { ...came.headers, "webhook-id": "msg_other" }));
    assert.throws(() => library.verify(came.body, { ...came.headers, "webhook-timestamp": "1700000000" }));
    assert.throws(() => new Webhook("whsec_" + Buffer.alloc(32).toString("base64")).verify(came.body, came.headers));
    const forged = new Webhook("whsec_" + Buffer.alloc(32, 7).toString("base64")).sign("msg_1", new Date(), came.body);
    assert.throws(() =>
      library.verify(came.body, { ...came.headers, "webhook-id": "msg_1", "webhook-signature": forged }),
    );
    console.log("altered, renamed, old and forged ones were refused");

    const path = { public_id: made.data.id };
    const [told] = ok(await rapport.listWebhookMessages({ path, query: { type: "customer.added" } })).data.items;
    assert.equal(told?.webhook_id, came.headers["webhook-id"]);
    ok(await rapport.replayWebhookMessage({ path: { ...path, message_id: told!.id } }));
    const again = await there.next();
    library.verify(again.body, again.headers);
    assert.deepEqual([again.headers["webhook-id"], again.body], [came.headers["webhook-id"], came.body]);
    ok(await rapport.deleteWebhook({ path }));
    console.log("sent again under the same id");
  } finally {
    there.close();
  }
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

  const asked = { filter: ["city.is:Porto"], sort: "-name" };
  const view = ok(await rapport.createView({ body: { object: "customer", name: "In Porto", asked, fields: ["name"] } }));
  const seen = ok(await rapport.listCustomers({ query: { view: view.data.id } }));
  assert.deepEqual(seen.data.items.map((each) => each.values), [{ name: "Ana Souza" }]);
  console.log("kept as a view, and read by it");

  await webhooks();
}

story().then(
  () => console.log("the story holds"),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
