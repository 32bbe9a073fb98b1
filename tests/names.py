"""Names for worlds larger than the tiny one."""

LEADERS = ("Ana Beatriz Souza", "Tomasz Wrona", "李明华", "김서연", "Grace Okafor", "Zoë O'Brien-Ćwik")
GIVEN_NAMES = ("Petra", "Diego", "Noor", "Emil", "Sofia", "Marie", "Ibrahim", "Yuki", "Lena", "Omar", "Chiara")
FAMILY_NAMES = ("Lindqvist", "Ramos", "Bakker", "Hansen", "Alvarez", "Thibault", "Demir")
CITIES = (
    ("Porto Alegre", "BR"),
    ("Kraków", "PL"),
    ("上海", "CN"),
    ("서울", "KR"),
    ("Lagos", "NG"),
    ("London", "GB"),
    ("Utrecht", "NL"),
)
PRODUCTS = (
    ("Oat flour 25 kg", "Flour", 38),
    ("Rye flour 25 kg", "Flour", 41),
    ("Dough mixer 20 l", "Machines", 890),
    ("Proofing basket", "Tools", 14),
    ("Baking sheet", "Tools", 22),
)
