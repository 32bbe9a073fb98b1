"""What the demo company sells: coffee, tea, and what one makes them with."""

from __future__ import annotations

from dataclasses import dataclass

MICROS = 1_000_000
BEANS, ESPRESSO, TEA, FILTER, MACHINES = "Coffee beans", "Espresso blends", "Tea", "Filter coffee", "Espresso machines"
GRINDERS, KETTLES, CUPS, COOKWARE, KNIVES = "Grinders", "Kettles", "Cups and glasses", "Cookware", "Kitchen knives"
BARISTA, CARE, GIFTS, WHOLESALE = "Barista tools", "Cleaning and care", "Gifts", "Café supplies"


@dataclass(frozen=True)
class Item:
    """A product with today's consumer price; `popularity` weighs it within its category."""

    key: int
    code: str
    name: str
    category: str
    price_micros: int
    cost_micros: int
    popularity: float

    def price_years_ago(self, years: int, *, wholesale: bool) -> int:
        """Prices rise in January, coffee's faster than the rest; businesses pay a fifth less. Rounded to five cents."""
        rise = 0.085 if self.category in (BEANS, ESPRESSO, WHOLESALE) else 0.03
        price = self.price_micros / (1 + rise) ** years
        return max(round(price * (0.8 if wholesale else 1) / (MICROS / 20)) * (MICROS // 20), MICROS // 20)


_ORIGINS = (
    ("Ethiopia Yirgacheffe", 13.5), ("Ethiopia Guji natural", 14.9), ("Ethiopia Sidamo decaf", 13.9),
    ("Kenya Nyeri AA", 15.5), ("Rwanda Nyamasheke", 13.2), ("Burundi Kayanza", 12.9), ("Colombia Huila", 12.5),
    ("Colombia Nariño decaf", 13.5), ("Brazil Cerrado", 10.9), ("Brazil Sul de Minas", 10.5),
    ("Guatemala Huehuetenango", 12.9), ("Honduras Marcala", 11.9), ("Costa Rica Tarrazú honey", 14.5),
    ("Peru Cajamarca organic", 12.2), ("Mexico Chiapas organic", 11.9), ("Sumatra Gayo", 12.9),
    ("Java Preanger", 13.4), ("India Malabar monsooned", 11.5), ("Yemen Haraaz", 19.5), ("Panama Geisha", 32.0),
)  # fmt: skip
_BLENDS = (
    ("Harbor espresso", 9.9), ("Night shift espresso", 9.9), ("Quay house blend", 9.2), ("Crane driver’s dark roast", 9.5),
    ("Sunday light roast", 10.9), ("Decaf espresso", 10.9),
)  # fmt: skip
# name, consumer price, margin, popularity
_GOODS: dict[str, tuple[tuple[str, float, float, float], ...]] = {
    TEA: (
        ("Assam second flush 100 g", 8.9, 0.6, 3), ("Darjeeling first flush 100 g", 14.5, 0.55, 2),
        ("Earl Grey 100 g", 8.5, 0.62, 4), ("English breakfast 100 g", 7.9, 0.62, 4), ("Sencha 100 g", 9.9, 0.58, 3),
        ("Genmaicha 100 g", 8.9, 0.58, 2), ("Jasmine pearls 100 g", 15.9, 0.55, 1),
        ("Oolong Tie Guan Yin 50 g", 12.9, 0.55, 1),
        ("Pu-erh cake 100 g", 22.0, 0.5, 0.5), ("Rooibos vanilla 100 g", 7.5, 0.62, 3),
        ("Fresh mint 50 g", 5.9, 0.6, 3),
        ("Chamomile 50 g", 6.5, 0.6, 2), ("Ginger and lemon 100 g", 7.5, 0.6, 3), ("Masala chai 250 g", 13.5, 0.6, 2),
        ("Matcha ceremonial 30 g", 24.5, 0.5, 1.5), ("Winter tea with orange 100 g", 8.9, 0.62, 2),
    ),
    FILTER: (
        ("Dripper size 1, ceramic", 21.5, 0.45, 2), ("Dripper size 2, ceramic", 24.5, 0.45, 3),
        ("Dripper size 2, plastic", 8.9, 0.5, 3),
        ("Filter papers size 1, 100", 5.5, 0.5, 6), ("Filter papers size 2, 100", 6.5, 0.5, 9),
        ("Filter papers size 4, 100", 4.5, 0.5, 5),
        ("Glass server 600 ml", 24.9, 0.45, 2), ("Flannel filter set", 34.0, 0.45, 0.6),
        ("French press 350 ml", 24.5, 0.45, 2),
        ("French press 1 l", 34.5, 0.45, 2), ("Press brewer travel", 39.9, 0.4, 3),
        ("Glass flask brewer 6 cups", 46.5, 0.42, 1.5),
        ("Cold brew bottle 750 ml", 27.5, 0.45, 2), ("Moka pot 3 cups", 32.5, 0.42, 2),
        ("Moka pot 6 cups", 39.5, 0.42, 2),
        ("Filter machine 1.25 l", 229.0, 0.28, 1.2), ("Siphon 3 cups", 94.0, 0.35, 0.4),
    ),
    MACHINES: (
        ("Lever machine Zwaan", 749.0, 0.26, 0.5), ("Single boiler Loods 1", 499.0, 0.26, 1),
        ("Single boiler Loods 1 black", 519.0, 0.26, 0.8),
        ("Heat exchanger Loods 2", 1190.0, 0.25, 0.6), ("Dual boiler Loods 3", 1890.0, 0.24, 0.4),
        ("Compact thermoblock Stip", 289.0, 0.28, 1.5),
        ("Bean-to-cup Alles-in-1", 679.0, 0.26, 1), ("Café machine two groups", 4950.0, 0.22, 0.15),
        ("Office bean-to-cup 40", 1590.0, 0.24, 0.3),
        ("Portafilter 58 mm, walnut", 89.0, 0.42, 1),
    ),
    GRINDERS: (
        ("Hand grinder steel burr", 79.0, 0.38, 3), ("Hand grinder travel", 54.0, 0.38, 2),
        ("Hand grinder precision", 199.0, 0.33, 1),
        ("Electric grinder filter", 189.0, 0.3, 2), ("Electric grinder espresso", 349.0, 0.28, 1.2),
        ("Single-dose grinder 64 mm", 699.0, 0.26, 0.5),
        ("Shop grinder 1 kg", 1150.0, 0.24, 0.2), ("Burr set 38 mm", 34.0, 0.45, 0.6),
        ("Burr set 64 mm", 69.0, 0.45, 0.4),
        ("Spice mill cast iron", 42.0, 0.45, 1),
    ),
    KETTLES: (
        ("Gooseneck kettle 1 l", 64.0, 0.4, 2), ("Electric gooseneck 0.9 l", 149.0, 0.32, 2),
        ("Electric gooseneck 0.9 l white", 149.0, 0.32, 1.5),
        ("Stovetop whistling kettle", 49.0, 0.42, 1), ("Cast iron teapot 0.8 l", 72.0, 0.42, 1),
        ("Glass teapot 1.2 l", 36.0, 0.45, 1.5),
        ("Thermos jug 1 l", 39.0, 0.42, 1.5),
    ),
    CUPS: (
        ("Espresso cup Kade 80 ml", 9.5, 0.55, 4), ("Cappuccino cup Kade 180 ml", 12.5, 0.55, 5),
        ("Latte cup Kade 300 ml", 14.5, 0.55, 3),
        ("Saucer Kade", 6.5, 0.55, 4), ("Mug Korrel sand", 16.5, 0.52, 3), ("Mug Korrel sea", 16.5, 0.52, 3),
        ("Mug Korrel coal", 16.5, 0.52, 2),
        ("Double-walled glass 80 ml, 2", 17.9, 0.5, 2), ("Double-walled glass 250 ml, 2", 22.9, 0.5, 3),
        ("Cortado glass, 6", 19.5, 0.5, 3),
        ("Tasting cups, 6", 34.0, 0.5, 1), ("Travel mug 350 ml", 29.5, 0.45, 4), ("Travel mug 450 ml", 32.5, 0.45, 2),
        ("Tea bowl raku", 28.0, 0.5, 1), ("Milk jug 350 ml", 19.5, 0.48, 2), ("Water carafe 1 l", 24.0, 0.5, 1),
    ),
    COOKWARE: (
        ("Cast iron pan 24 cm", 59.0, 0.4, 2), ("Cast iron pan 28 cm", 74.0, 0.4, 2),
        ("Carbon steel wok 31 cm", 49.0, 0.42, 1.5),
        ("Saucepan 1.5 l", 69.0, 0.38, 1), ("Saucepan 3 l", 89.0, 0.38, 1), ("Casserole 4.5 l, red", 189.0, 0.34, 1),
        ("Casserole 6 l, blue", 229.0, 0.34, 0.8), ("Stock pot 10 l", 119.0, 0.36, 0.7),
        ("Baking tray, 2", 26.0, 0.48, 2),
        ("Cake tin 24 cm", 18.5, 0.5, 2), ("Proofing basket oval", 19.5, 0.5, 1.5), ("Bread lame", 12.5, 0.55, 1),
        ("Mixing bowls, 3", 39.0, 0.45, 1.5), ("Kitchen scale 0.1 g", 44.0, 0.42, 2.5),
        ("Mortar granite", 36.0, 0.45, 1),
        ("Cutting board oak", 48.0, 0.48, 2), ("Linen apron", 42.0, 0.5, 1.5), ("Tea towels, 3", 21.0, 0.52, 3),
    ),
    KNIVES: (
        ("Chef’s knife 20 cm", 119.0, 0.38, 2), ("Santoku 17 cm", 109.0, 0.38, 2), ("Paring knife 9 cm", 39.0, 0.42, 2),
        ("Bread knife 24 cm", 79.0, 0.4, 1.5), ("Boning knife 15 cm", 84.0, 0.4, 0.8),
        ("Nakiri 16 cm", 129.0, 0.36, 0.8),
        ("Whetstone 1000/6000", 54.0, 0.45, 1.5), ("Knife roll canvas", 69.0, 0.45, 0.7),
    ),
    BARISTA: (
        ("Tamper 58 mm", 39.0, 0.48, 2), ("Leveler 58 mm", 45.0, 0.46, 1), ("Needle distributor", 29.0, 0.5, 1.5),
        ("Knock box", 34.0, 0.48, 1.5), ("Milk pitcher 500 ml", 24.0, 0.5, 3), ("Milk pitcher 1 l", 29.0, 0.5, 2),
        ("Barista scale with timer", 79.0, 0.38, 2), ("Milk thermometer", 14.5, 0.5, 1.5),
        ("Bottomless portafilter", 74.0, 0.42, 1),
        ("Coffee canister 500 g", 27.5, 0.48, 2.5), ("Dosing cup", 19.0, 0.5, 1), ("Tamping mat", 17.5, 0.52, 1),
    ),
    CARE: (
        ("Cleaning tablets, 100", 18.5, 0.5, 5), ("Descaler 1 l", 14.5, 0.52, 6), ("Group head brush", 12.5, 0.52, 2),
        ("Milk system cleaner 1 l", 15.9, 0.5, 4), ("Grinder cleaner 430 g", 21.5, 0.48, 2),
        ("Water filter cartridge", 13.9, 0.45, 5),
        ("Microfiber cloths, 4", 11.5, 0.55, 3), ("Gasket and screen set", 16.0, 0.5, 1),
    ),
    GIFTS: (
        ("Gift card 25", 25.0, 0.05, 3), ("Gift card 50", 50.0, 0.05, 3), ("Tasting box, 4 coffees", 29.5, 0.45, 6),
        ("Tasting box, 6 teas", 26.5, 0.48, 3), ("Advent calendar, 24 coffees", 59.0, 0.42, 4),
        ("Home barista course", 75.0, 0.5, 1.5),
        ("Dripper starter set", 49.5, 0.42, 4), ("Two mugs and a bag of beans", 44.0, 0.45, 4),
    ),
    WHOLESALE: (
        ("Oat drink barista 1 l, 12", 27.5, 0.28, 9), ("Soy drink barista 1 l, 12", 24.0, 0.28, 3),
        ("Vanilla syrup 1 l", 11.5, 0.4, 3),
        ("Caramel syrup 1 l", 11.5, 0.4, 3), ("Chai concentrate 1 l", 14.0, 0.4, 3),
        ("Hot chocolate 2 kg", 32.0, 0.35, 4),
        ("Cane sugar sticks, 1,000", 21.0, 0.4, 4), ("Paper cups 250 ml, 1,000", 62.0, 0.35, 5),
        ("Lids 250 ml, 1,000", 38.0, 0.35, 5),
        ("Napkins, 2,000", 29.0, 0.38, 3), ("Almond biscuits, 200", 24.5, 0.38, 4),
    ),
}  # fmt: skip
_PREFIXES = {
    BEANS: "KB", ESPRESSO: "ES", TEA: "TE", FILTER: "FI", MACHINES: "MA", GRINDERS: "GR", KETTLES: "KE", CUPS: "CU",
    COOKWARE: "CO", KNIVES: "KN", BARISTA: "BA", CARE: "CA", GIFTS: "GI", WHOLESALE: "HO",
}  # fmt: skip


def catalogue() -> tuple[Item, ...]:
    """Every product, numbered from 1; beans come in bags of 250 g and of 1 kg."""
    offered: list[tuple[str, str, float, float, float]] = []
    for category, coffees in ((BEANS, _ORIGINS), (ESPRESSO, _BLENDS)):
        for name, price in coffees:
            popularity = 60 / price**1.3
            offered.append((category, f"{name} 250 g", price, 0.52, popularity))
            offered.append((category, f"{name} 1 kg", round(price * 3.4) - 0.5, 0.42, popularity * 0.5))
    for category, goods in _GOODS.items():
        offered.extend((category, *good) for good in goods)
    items: list[Item] = []
    numbers: dict[str, int] = {}
    for category, name, price, margin, popularity in offered:
        numbers[category] = numbers.get(category, 100) + 1
        micros = round(price * 100) * 10_000
        code = f"{_PREFIXES[category]}-{numbers[category]}"
        cost = round(micros * (1 - margin) / 10_000) * 10_000
        items.append(Item(len(items) + 1, code, name, category, micros, cost, popularity))
    return tuple(items)
