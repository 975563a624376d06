/**
 * A task over ten endpoints of a shop's API, for `code_mode.ts`: which warehouse sends each late order of customers in one
 * country, what that costs in euros, saved as a report. The service, the task, and what a perfect model would do.
 */
import { defineProxy, type EndpointDefinition, type ProxyClass } from "../src/proxies/mod.ts";

/** One line of the report. */
interface Line {
  readonly order: string;
  readonly warehouse: string;
  readonly eur: number;
}

/** The report that is to be saved. */
export interface Report {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly total: number;
}

/** What the user asks. */
export const TASK =
  "Which warehouse should send each late order of our customers in Germany, and what does that cost in EUR? For each order take the " +
  "warehouse with enough stock whose shipping (base + per_kg * weight * quantity) is cheapest. The cost is price * quantity less " +
  "the discount of the customer's tier, plus shipping, plus tax. Save a report with the title 'Late orders', one line per order " +
  "(order, warehouse, eur, rounded to cents) and the total. Tell me the total.";

const COUNTRIES = ["DE", "FR", "IT", "ES"];
const TIERS = ["basic", "plus", "gold"];
const WAREHOUSES = ["berlin", "lyon", "milan", "porto"];
const customers = range(48, (i) => ({
  id: `c${i}`,
  name: `Customer number ${i}`,
  country: COUNTRIES[i % 4]!,
  tier: TIERS[i % 3]!,
  since: `20${10 + (i % 14)}-0${1 + (i % 9)}-15`,
}));
const orders = range(80, (i) => ({
  id: `o${1000 + i}`,
  customer: `c${(i * 7) % 48}`,
  sku: `sku-${(i * 5) % 30}`,
  quantity: 1 + (i % 4),
  status: i % 2 === 0 ? "late" : "sent",
  placed: `2026-03-${String(1 + (i % 28)).padStart(2, "0")}`,
}));
const products = range(30, (i) => ({
  sku: `sku-${i}`,
  title: `Product number ${i}`,
  price: 10 + ((i * 37) % 90),
  weight: 0.5 + (i % 6) * 0.25,
}));
const stock = range(30, (i) => ({
  sku: `sku-${i}`,
  ...Object.fromEntries(WAREHOUSES.map((name, w) => [name, (i * 3 + w * 5) % 7])),
}));
const rates = range(4, (i) => ({ warehouse: WAREHOUSES[i]!, base: 4 + i * 1.5, per_kg: 2.5 - i * 0.4 }));
const discounts = { basic: 0, plus: 0.05, gold: 0.1 };

const READS: Record<string, EndpointDefinition> = {
  customers: {
    description: "The customers in a country",
    params: { "country*": ["string", "FR", "ISO 3166 code"] },
    response: [customers[1]],
    handler: ({ country }) => customers.filter((customer) => customer.country === country),
  },
  orders: {
    description: "The orders with a status",
    params: { "status*": ["string", "sent", "late, sent or open"] },
    response: [orders[1]],
    handler: ({ status }) => orders.filter((order) => order.status === status),
  },
  products: {
    description: "All products; prices in USD, weights in kg",
    response: [products[0]],
    handler: () => products,
  },
  stock: {
    description: "How many of each product are in each warehouse",
    response: [stock[0]],
    handler: () => stock,
  },
  warehouses: {
    description: "All warehouses",
    response: [{ id: "berlin", open: true }],
    handler: () => WAREHOUSES.map((id) => ({ id, open: id !== "porto" })),
  },
  shipping_rates: {
    description: "What sending to a country costs from each warehouse, in USD",
    params: { "country*": ["string", "FR", "ISO 3166 code"] },
    response: [rates[0]],
    handler: () => rates,
  },
  exchange_rate: {
    description: "The rate between two currencies",
    params: { "from*": ["string", "USD"], "to*": ["string", "GBP"] },
    response: 0.79,
    handler: () => 0.92,
  },
  tax_rate: {
    description: "The tax rate of a country",
    params: { "country*": ["string", "FR", "ISO 3166 code"] },
    response: 0.2,
    handler: () => 0.19,
  },
  discounts: { description: "The discount of each tier", response: discounts, handler: () => discounts },
};

/** The shop's ten endpoints, and others that the task does not need. */
export function createShop(extraEndpoints: number, onReport: (report: Report) => void): ProxyClass {
  const others = Object.fromEntries(
    range(extraEndpoints, (i): [string, EndpointDefinition] => [`other_${i}`, {
      category: ["billing", "marketing", "people", "web"][i % 4]!,
      description: `Reads record set ${i} of another department, filtered by date and owner`,
      params: {
        "from*": ["string", "2026-01-01", "First day"],
        to: ["string", "2026-01-31", "Last day"],
        owner: ["string", "u17", "Who it belongs to"],
        limit: ["integer", 50, "Most rows"],
      },
      response: [{ id: "r1", owner: "u17", amount: 12.5 }],
      handler: () => [],
    }]),
  );
  return defineProxy({
    path: "shop",
    name: "Shop",
    description: "Customers, orders, products and warehouses of the shop",
    endpoints: {
      ...READS,
      save_report: {
        description: "Saves a report",
        method: "POST",
        params: {
          "title*": ["string", "Weekly"],
          "lines*": ["array", [{ order: "o1", warehouse: "lyon", eur: 1.5 }]],
          "total*": ["number", 1.5],
        },
        response: { id: "r1" },
        handler: (report) => {
          onReport(report as Report);
          return { id: "r7" };
        },
      },
      ...others,
    },
  });
}

/** The calls that read what the task needs. */
export const READ_CALLS: readonly (readonly [name: string, args: Record<string, unknown>])[] = [
  ["customers", { country: "DE" }],
  ["orders", { status: "late" }],
  ["products", {}],
  ["stock", {}],
  ["warehouses", {}],
  ["shipping_rates", { country: "DE" }],
  ["exchange_rate", { from: "USD", to: "EUR" }],
  ["tax_rate", { country: "DE" }],
  ["discounts", {}],
];

/** The right report: what a model that calls tools has to work out by itself. */
export function rightReport(): Report {
  const lines: Line[] = [];
  for (const order of orders) {
    const customer = customers.find(({ id, country }) => id === order.customer && country === "DE");
    if (customer === undefined || order.status !== "late") continue;
    const product = products.find(({ sku }) => sku === order.sku)!;
    const levels = stock.find(({ sku }) => sku === order.sku) as Record<string, unknown>;
    const shipping = ({ base, per_kg }: typeof rates[0]) => base + per_kg * product.weight * order.quantity;
    const able = rates.filter(({ warehouse }) =>
      warehouse !== "porto" && levels[warehouse] as number >= order.quantity
    );
    const best = able.sort((a, b) => shipping(a) - shipping(b))[0];
    if (best === undefined) continue;
    const goods = product.price * order.quantity * (1 - discounts[customer.tier as keyof typeof discounts]);
    const eur = (goods + shipping(best)) * 1.19 * 0.92;
    lines.push({ order: order.id, warehouse: best.warehouse, eur: cents(eur) });
  }
  return { title: "Late orders", lines, total: cents(lines.reduce((sum, { eur }) => sum + eur, 0)) };
}

/** The cell that a model writes, in each language. */
export const CELLS = {
  python: `customers = {c["id"]: c for c in CALL_API("shop/customers", {"country": "DE"})}
products = {p["sku"]: p for p in CALL_API("shop/products")}
stock = {s["sku"]: s for s in CALL_API("shop/stock")}
is_open = {w["id"]: w["open"] for w in CALL_API("shop/warehouses")}
rates = CALL_API("shop/shipping_rates", {"country": "DE"})
fx = CALL_API("shop/exchange_rate", {"from": "USD", "to": "EUR"})
tax = CALL_API("shop/tax_rate", {"country": "DE"})
discounts = CALL_API("shop/discounts")
lines = []
for order in CALL_API("shop/orders", {"status": "late"}):
    customer = customers.get(order["customer"])
    if customer is None:
        continue
    product, quantity = products[order["sku"]], order["quantity"]
    able = [
        (r["base"] + r["per_kg"] * product["weight"] * quantity, r["warehouse"])
        for r in rates
        if is_open[r["warehouse"]] and stock[order["sku"]][r["warehouse"]] >= quantity
    ]
    if not able:
        print("no stock for", order["id"])
        continue
    shipping, warehouse = min(able)
    goods = product["price"] * quantity * (1 - discounts[customer["tier"]])
    eur = round((goods + shipping) * (1 + tax) * fx, 2)
    lines.append({"order": order["id"], "warehouse": warehouse, "eur": eur})
total = round(sum(line["eur"] for line in lines), 2)
CALL_API("shop/save_report", {"title": "Late orders", "lines": lines, "total": total})
total`,
  typescript:
    `const customers = new Map((await CALL_API("shop/customers", { country: "DE" })).map((c) => [c.id, c]));
const products = new Map((await CALL_API("shop/products")).map((p) => [p.sku, p]));
const stock = new Map((await CALL_API("shop/stock")).map((s) => [s.sku, s]));
const isOpen = new Map((await CALL_API("shop/warehouses")).map((w) => [w.id, w.open]));
const rates = await CALL_API("shop/shipping_rates", { country: "DE" });
const fx = await CALL_API("shop/exchange_rate", { from: "USD", to: "EUR" });
const tax = await CALL_API("shop/tax_rate", { country: "DE" });
const discounts = await CALL_API("shop/discounts");
const cents = (value: number) => Math.round(value * 100) / 100;
const lines = [];
for (const { id, customer: customerId, sku, quantity } of await CALL_API("shop/orders", { status: "late" })) {
  const customer = customers.get(customerId);
  if (customer === undefined) continue;
  const product = products.get(sku);
  const shipping = (rate) => rate.base + rate.per_kg * product.weight * quantity;
  const able = rates.filter((r) => isOpen.get(r.warehouse) && stock.get(sku)[r.warehouse] >= quantity);
  if (able.length === 0) {
    console.log("no stock for", id);
    continue;
  }
  const best = able.sort((a, b) => shipping(a) - shipping(b))[0];
  const goods = product.price * quantity * (1 - discounts[customer.tier]);
  lines.push({ order: id, warehouse: best.warehouse, eur: cents((goods + shipping(best)) * (1 + tax) * fx) });
}
const total = cents(lines.reduce((sum, { eur }) => sum + eur, 0));
await CALL_API("shop/save_report", { title: "Late orders", lines, total });
total;`,
};

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

function range<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
