"""Made-up customers of several countries and scripts: generic names, example.com, +1-555-01xx."""

from random import Random

from msgspec import Struct

from hub.model.incoming import Address, Person


class Country(Struct, frozen=True):
    """`names`: as written, and the same in ASCII for the e-mail. `towns`: city, region, postcode.

    `street` shows where the house number goes.
    """

    code: str
    names: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]
    street: str
    towns: tuple[tuple[str, str, str], ...]


COUNTRIES = (
    Country(
        "DE",
        (("Jörg Weiß", "joerg.weiss"), ("Anna Müller", "anna.mueller"), ("Käthe Groß", "kaethe.gross")),
        ("Lindenweg", "Bahnhofstraße", "Am Mühlbach"),
        "{street} {number}",
        (("Köln", "", "50667"), ("Leipzig", "", "04109"), ("Fürth", "", "90762")),
    ),
    Country(
        "FR",
        (
            ("Chloé Lefèvre", "chloe.lefevre"),
            ("François Noël", "francois.noel"),
            ("Zoé Garçon", "zoe.garcon"),
        ),
        ("rue des Érables", "avenue du Marché", "place de l'Église"),
        "{number} {street}",
        (("Besançon", "", "25000"), ("Lyon", "", "69002"), ("Nîmes", "", "30000")),
    ),
    Country(
        "ES",
        (("Íñigo Peña", "inigo.pena"), ("María José Ibáñez", "mj.ibanez"), ("Lucía Muñoz", "lucia.munoz")),
        ("Calle del Olivo", "Avenida del Sol", "Plaza Mayor"),
        "{street}, {number}",
        (("A Coruña", "A Coruña", "15001"), ("Málaga", "Málaga", "29001"), ("León", "León", "24001")),
    ),
    Country(
        "PL",
        (("Łukasz Żółć", "lukasz.zolc"), ("Małgorzata Wójcik", "m.wojcik"), ("Zofia Dąb", "zofia.dab")),
        ("ul. Lipowa", "ul. Źródlana", "al. Różana"),
        "{street} {number}",
        (("Łódź", "", "90-001"), ("Kraków", "", "31-001"), ("Gdańsk", "", "80-001")),
    ),
    Country(
        "SE",
        (("Åsa Öberg", "asa.oberg"), ("Björn Sjögren", "bjorn.sjogren"), ("Linnéa Ström", "linnea.strom")),
        ("Björkvägen", "Storgatan", "Ängsstigen"),
        "{street} {number}",
        (("Malmö", "", "211 15"), ("Umeå", "", "903 26"), ("Örebro", "", "702 11")),
    ),
    Country(
        "GB",
        (("Siân O'Neill", "sian.oneill"), ("Alice Smith-Jones", "alice.sj"), ("Tom Baker", "tom.baker")),
        ("Church Lane", "Mill Road", "The Green"),
        "{number} {street}",
        (("York", "", "YO1 7HH"), ("Cardiff", "", "CF10 1AA"), ("Leeds", "", "LS1 4AP")),
    ),
    Country(
        "US",
        (
            ("Maria Garcia", "maria.garcia"),
            ("James Carter", "james.carter"),
            ("Renée Nguyễn", "renee.nguyen"),
        ),
        ("Maple Street", "Oak Avenue", "County Road 9"),
        "{number} {street}",
        (("Portland", "OR", "97204"), ("Austin", "TX", "78701"), ("Ithaca", "NY", "14850")),
    ),
    Country(
        "CN",
        (("王小明", "wang.xiaoming"), ("李静", "li.jing"), ("欧阳雪", "ouyang.xue")),
        ("人民路", "中山北路", "长江大道"),
        "{street}{number}号",
        (("上海市", "上海市", "200001"), ("杭州市", "浙江省", "310000"), ("成都市", "四川省", "610000")),
    ),
    Country(
        "TW",
        (("陳怡君", "chen.yijun"), ("林志明", "lin.zhiming"), ("黃雅婷", "huang.yating")),
        ("中正路", "忠孝東路", "民生路"),
        "{street}{number}號",
        (("臺北市", "", "100"), ("臺南市", "", "700"), ("高雄市", "", "800")),
    ),
    Country(
        "JP",
        (("佐藤花子", "sato.hanako"), ("鈴木一郎", "suzuki.ichiro"), ("髙橋健", "takahashi.ken")),
        ("本町", "桜丘", "中央"),
        "{street}{number}番地",
        (
            ("札幌市", "北海道", "060-0001"),
            ("京都市", "京都府", "600-8001"),
            ("横浜市", "神奈川県", "220-0001"),
        ),
    ),
)


def make_buyer(random: Random) -> Person:
    """Return a customer; billing and shipping are the same address for most, and another town for some."""
    country = random.choice(COUNTRIES)
    name, ascii_name = random.choice(country.names)
    phone = f"+1-555-01{random.randrange(100):02d}"
    billing = _address(random, country, name, phone)
    shipping = billing if random.random() < 0.8 else _address(random, country, name, phone)
    email = f"{ascii_name}.{random.randrange(10_000)}@example.com"
    return Person(name=name, email=email, phone=phone, billing=billing, shipping=shipping)


def _address(random: Random, country: Country, name: str, phone: str) -> Address:
    city, region, postcode = random.choice(country.towns)
    street = country.street.format(street=random.choice(country.streets), number=random.randint(1, 199))
    return Address(
        name=name,
        street=street,
        city=city,
        region=region,
        postcode=postcode,
        country=country.code,
        phone=phone,
    )
