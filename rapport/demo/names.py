"""Given and family names by culture, in their own scripts, with a Latin spelling for e-mail addresses."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from random import Random

_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "ß": "ss", "đ": "d", "æ": "ae", "ı": "i", "œ": "oe", "'": "", "’": "", " ": "", "-": ""}
)


@dataclass(frozen=True)
class PersonName:
    """A name as its bearer writes it; `latin` parts are plain ASCII."""

    given: str
    family: str
    full: str
    latin_given: str
    latin_family: str

    @property
    def initialed(self) -> str:
        """As a till prints it on a loyalty card; names that put the family first keep both parts."""
        return f"{self.family}, {self.given[0]}." if self.full == f"{self.given} {self.family}" else self.full


@dataclass(frozen=True)
class Culture:
    """Lists of names. An entry may be written "native=latin", a family name "his|hers"."""

    language: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    family_first: bool = False

    def person(self, dice: Random) -> PersonName:
        woman = dice.random() < 0.55
        given, latin_given = _spelled(dice.choice(self.women if woman else self.men))
        written = dice.choice(self.families)
        native, _, latin = written.partition("=")
        family = native.split("|")[-1 if woman else 0]
        latin_family = latin or family
        full = f"{family}{given}" if self.family_first else f"{given} {family}"
        return PersonName(given, family, full, ascii_letters(latin_given), ascii_letters(latin_family))


def ascii_letters(text: str) -> str:
    """ "Müller-Łuk" → "mullerluk": what is left of a name in an address."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalnum())


def _spelled(entry: str) -> tuple[str, str]:
    native, _, latin = entry.partition("=")
    return native, latin or native


def _culture(language: str, women: str, men: str, families: str, *, family_first: bool = False) -> Culture:
    return Culture(language, _list(women), _list(men), _list(families), family_first)


def _list(text: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in text.split(",") if entry.strip())


CULTURES: dict[str, Culture] = {
    "dutch": _culture(
        "nl",
        "Sanne, Lotte, Emma, Fleur, Noor, Anouk, Femke, Marloes, Inge, Maaike, Roos, Eline, Iris, Lieke, Jolanda, Wilma,"
        " Saskia, Esther, Hanneke, Marijke, Tess, Julia, Zoë, Chloë, Renée, Mirjam, Ellen, Floor, Annemiek, Carlijn, Ilse,"
        " Yvonne, Margriet, Nienke, Hilde, Josien",
        "Daan, Sem, Bram, Jeroen, Pieter, Thijs, Ruben, Koen, Maarten, Sander, Joost, Wouter, Bas, Tim, Niels, Rob, Hans,"
        " Kees, Gerard, Willem, Jelle, Stijn, Luuk, Jasper, Teun, Martijn, Erik, Frank, Mees, Sjoerd, René, Gijs, Casper,"
        " Hidde, Arjen, Otto",
        "de Jong, Jansen, de Vries, van den Berg, Bakker, van Dijk, Visser, Smit, Meijer, de Boer, Mulder, de Groot, Bos,"
        " Vos, Peters, Hendriks, van Leeuwen, Dekker, Brouwer, de Wit, Dijkstra, Smits, de Graaf, van der Meer, Kok,"
        " Jacobs, van der Linden, Vermeulen, Schouten, van Beek, Hoekstra, Koster, Prins, Huisman, Postma, Veenstra,"
        " Kuiper, Blom, Scholten, Kuijpers, van Vliet, Molenaar, Timmermans, Groen, Gerritsen, Willems, van der Heijden,"
        " Sanders, Boersma, Hofman, ten Brink, in ’t Veld, van ’t Hof, Boonstra, Zijlstra, Wiersma, Tromp, Noordhoek,"
        " Oosterhuis, Zeilstra, Reeuwijk, Lammertink, van Heusden, Blankenburg, Duinker, Vreugdenhil",
    ),
    "flemish": _culture(
        "nl",
        "Elke, Griet, Lien, Hannelore, An, Veerle, Katrien, Nele, Sofie, Leen, Marleen, Ine, Jozefien, Amber",
        "Wout, Dries, Pieter-Jan, Bart, Stef, Lander, Jef, Tom, Geert, Luc, Jonas, Senne, Kobe, Wannes",
        "Peeters, Janssens, Maes, Mertens, Claes, Goossens, De Smet, Wouters, Van Damme, De Backer, Verhoeven, Aerts,"
        " Lemmens, Vandenbroucke, De Clercq, Cools, Segers, Pauwels, Michiels, Hermans, Vercammen, D’Hondt",
    ),
    "german": _culture(
        "de",
        "Anna, Lena, Katharina, Jana, Sabine, Ulrike, Heike, Birgit, Mia, Johanna, Franziska, Käthe, Jördis, Antje, Greta,"
        " Silke, Petra, Monika, Annika, Wiebke",
        "Lukas, Jonas, Felix, Maximilian, Jürgen, Stefan, Andreas, Matthias, Thorsten, Uwe, Björn, Sören, Günther, Paul,"
        " Henrik, Dirk, Tobias, Moritz, Jörg, Karsten",
        "Müller, Schmidt, Schneider, Fischer, Weber, Meyer, Wagner, Becker, Schulz, Hoffmann, Schäfer, Koch, Bauer,"
        " Richter, Klein, Wolf, Schröder, Neumann, Schwarz, Zimmermann, Braun, Krüger, Hofmann, Hartmann, Lange, Krause,"
        " Köhler, Jäger, Vogt, Weiß, Böhm, Kühn, Petersen, Brinkmann",
    ),
    "french": _culture(
        "fr",
        "Camille, Léa, Chloé, Manon, Inès, Élodie, Aurélie, Nathalie, Françoise, Hélène, Anaïs, Margaux, Océane, Sylvie,"
        " Béatrice, Mathilde",
        "Hugo, Louis, Théo, Jules, Raphaël, Mathieu, Nicolas, François, Jérôme, Benoît, Étienne, Antoine, Guillaume, Rémi,"
        " Thierry, Loïc",
        "Martin, Bernard, Dubois, Thomas, Robert, Richard, Petit, Durand, Leroy, Moreau, Simon, Laurent, Lefebvre, Michel,"
        " Garcia, Fournier, Girard, Lefèvre, Mercier, Faure, Rousseau, Béranger, Gauthier, Chevalier, Muller, Delaunay",
    ),
    "british": _culture(
        "en",
        "Olivia, Amelia, Isla, Grace, Charlotte, Hannah, Rebecca, Fiona, Siân, Niamh, Gemma, Alison, Priya, Zainab, Ngozi",
        "Oliver, George, Harry, Jack, Callum, Rhys, Ewan, Andrew, Simon, Declan, Imran, Tunde, Graham, Stuart, Nathan",
        "Smith, Jones, Taylor, Brown, Williams, Wilson, Johnson, Davies, Patel, Wright, Walker, Hughes, Edwards, Green,"
        " Clarke, O’Connor, MacDonald, Campbell, Khan, Okafor, Adeyemi, Fraser, Pritchard, Whitfield",
    ),
    "spanish": _culture(
        "es",
        "Lucía, María, Carmen, Sofía, Marta, Paula, Inés, Begoña, Noelia, Rocío, Ángela, Pilar, Ana Belén, Nuria",
        "Hugo, Martín, Alejandro, Javier, José Luis, Álvaro, Íñigo, Sergio, Raúl, Andrés, Jesús, Óscar, Pablo, Iván",
        "García López, Rodríguez, González Pérez, Fernández, López, Martínez Ruiz, Sánchez, Pérez, Gómez, Muñoz, Jiménez,"
        " Álvarez, Núñez, Romero, Ibáñez, Peña, Vázquez, Ortega, Castaño, Medina Sáez",
    ),
    "portuguese": _culture(
        "pt",
        "Beatriz, Inês, Mariana, Joana, Conceição, Catarina, Lurdes, Rita, Matilde",
        "João, Tiago, Gonçalo, Rui, Nuno, Simão, Duarte, António, Luís",
        "Silva, Santos, Ferreira, Pereira, Oliveira, Costa, Rodrigues, Gonçalves, Simões, Magalhães, Conceição, Araújo",
    ),
    "italian": _culture(
        "it",
        "Giulia, Chiara, Francesca, Martina, Alessandra, Beatrice, Elisa, Ginevra, Lucia, Paola",
        "Leonardo, Francesco, Matteo, Lorenzo, Andrea, Niccolò, Davide, Paolo, Giuseppe, Enrico",
        "Rossi, Russo, Ferrari, Esposito, Bianchi, Romano, Colombo, Ricci, Marino, Greco, Bruno, Gallo, D’Angelo, Moretti,"
        " Barbieri, Fontana, Conti, Nicolò, De Santis, Montanari",
    ),
    "polish": _culture(
        "pl",
        "Aleksandra, Natalia, Weronika, Beata, Dorota, Barbara, Halina,"
        " Zofia, Zuzanna, Małgorzata, Agnieszka, Joanna, Katarzyna, Elżbieta, Łucja, Grażyna, Maja, Świętosława, Ewa",
        "Jakub, Wojciech, Paweł, Łukasz, Michał, Grzegorz, Stanisław, Bartłomiej, Krzysztof, Tomasz, Sławomir, Rafał",
        "Nowak, Kowalski|Kowalska, Wiśniewski|Wiśniewska, Wójcik, Kowalczyk, Kamiński|Kamińska, Lewandowski|Lewandowska,"
        " Zieliński|Zielińska, Szymański|Szymańska, Woźniak, Dąbrowski|Dąbrowska, Kozłowski|Kozłowska, Mazur, Krawczyk,"
        " Piotrowski|Piotrowska, Grabowski|Grabowska, Pająk, Żak, Gołąb, Wróbel",
    ),
    "czech": _culture(
        "cs",
        "Jana, Eliška, Tereza, Kateřina, Lucie, Zdeňka, Markéta, Růžena, Věra",
        "Jiří, Tomáš, Ondřej, Matěj, Petr, Václav, Zdeněk, Lukáš, Radek",
        "Novák|Nováková, Svoboda|Svobodová, Dvořák|Dvořáková, Černý|Černá, Procházka|Procházková, Kučera|Kučerová,"
        " Veselý|Veselá, Horák|Horáková, Němec|Němcová, Pokorný|Pokorná, Růžička|Růžičková",
    ),
    "nordic": _culture(
        "sv",
        "Astrid, Ebba, Maja, Linnéa, Signe, Åsa, Karin, Freja, Sølvi, Märta, Kirsten, Ingrid",
        "Emil, Lars, Oskar, Mikkel, Søren, Nils, Jörgen, Håkon, Åke, Rasmus, Viggo, Anders",
        "Andersson, Johansson, Lindqvist, Nilsson, Hansen, Sørensen, Jørgensen, Öberg, Bergström, Holm, Åkesson, Møller,"
        " Lund, Sjögren, Dahl, Nygård",
    ),
    "turkish": _culture(
        "tr",
        "Ayşe, Elif, Zeynep, Özlem, Gülşen, Büşra, Çiğdem, Ebru, Şirin",
        "Mehmet, Emre, Can, Burak, Oğuz, Yiğit, Çağlar, Ümit, İsmail",
        "Yılmaz, Kaya, Demir, Şahin, Çelik, Yıldız, Öztürk, Aydın, Arslan, Doğan, Koç, Güneş, Erdoğdu",
    ),
    "maghrebi": _culture(
        "nl",
        "Fatima, Naima, Samira, Yasmina, Loubna, Hanane, Ikram, Salma",
        "Youssef, Mohamed, Bilal, Karim, Rachid, Anouar, Ilyas, Hamza",
        "El Idrissi, Benali, Amrani, El Khattabi, Bouzid, Haddou, Azzouzi, Ouali, Tahiri, Aït Lahcen, Belhadj",
    ),
    "surinamese": _culture(
        "nl",
        "Shanti, Priscilla, Anjali, Gracia, Roshni, Cheryl, Farida",
        "Ravi, Kenneth, Dewan, Humphrey, Soerdj, Winston, Clyde",
        "Ramdin, Jhagru, Kartosen, Biharie, Pengel, Sital, Raghoebir, Wijdenbosch, Tjon A Fat, Martodikromo",
    ),
    "vietnamese": _culture(
        "vi",
        "Thị Lan, Ngọc Anh, Thu Hà, Bích Phượng, Hoài An",
        "Văn Minh, Quốc Bảo, Đức Huy, Thanh Tùng, Hữu Phước",
        "Nguyễn, Trần, Lê, Phạm, Huỳnh, Đặng, Võ",
    ),
    "greek": _culture(
        "el",
        "Μαρία=maria, Ελένη=eleni, Κατερίνα=katerina, Σοφία=sofia, Δήμητρα=dimitra, Ιωάννα=ioanna, Αγγελική=angeliki",
        "Γιώργος=giorgos, Νίκος=nikos, Κώστας=kostas, Δημήτρης=dimitris, Παναγιώτης=panagiotis, Θανάσης=thanasis, Σπύρος=spyros",
        "Παπαδόπουλος|Παπαδοπούλου=papadopoulos, Ιωαννίδης|Ιωαννίδου=ioannidis, Νικολάου=nikolaou,"
        " Γεωργίου=georgiou, Δημητρίου=dimitriou, Βασιλείου=vasileiou, Αντωνίου=antoniou, Καραγιάννης|Καραγιάννη=karagiannis,"
        " Οικονόμου=oikonomou, Μακρής|Μακρή=makris",
    ),
    "ukrainian": _culture(
        "uk",
        "Олена=olena, Наталія=nataliia, Оксана=oksana, Ірина=iryna, Юлія=yuliia, Софія=sofiia, Ганна=hanna, Дарина=daryna",
        "Андрій=andrii, Олександр=oleksandr, Сергій=serhii, Тарас=taras, Богдан=bohdan, Дмитро=dmytro, Ярослав=yaroslav",
        "Шевченко=shevchenko, Коваленко=kovalenko, Бондаренко=bondarenko, Ткаченко=tkachenko, Мельник=melnyk,"
        " Кравчук=kravchuk, Левицький|Левицька=levytskyi, Савченко=savchenko, Гончар=honchar, Лисенко=lysenko,"
        " Петренко=petrenko, Яценюк=yatseniuk",
    ),
    "bulgarian": _culture(
        "bg",
        "Мария=maria, Иванка=ivanka, Елена=elena, Десислава=desislava, Радка=radka, Цветелина=tsvetelina",
        "Георги=georgi, Иван=ivan, Димитър=dimitar, Николай=nikolay, Христо=hristo, Стефан=stefan",
        "Иванов|Иванова=ivanov, Георгиев|Георгиева=georgiev, Димитров|Димитрова=dimitrov, Петров|Петрова=petrov,"
        " Николов|Николова=nikolov, Стоянов|Стоянова=stoyanov, Тодоров|Тодорова=todorov, Ангелов|Ангелова=angelov",
    ),
    "korean": _culture(
        "ko",
        "서연=seoyeon, 지우=jiwoo, 민지=minji, 수빈=subin, 하은=haeun, 예진=yejin, 은영=eunyoung, 미경=mikyung, 유나=yuna",
        "민준=minjun, 서준=seojun, 도윤=doyun, 현우=hyunwoo, 지훈=jihun, 성민=sungmin, 재현=jaehyun, 동욱=dongwook",
        "김=kim, 이=lee, 박=park, 최=choi, 정=jung, 강=kang, 조=cho, 윤=yoon, 장=jang, 임=lim, 한=han, 오=oh",
        family_first=True,
    ),
    "chinese": _culture(
        "zh",
        "丽娜=lina, 晓燕=xiaoyan, 雨桐=yutong, 静=jing, 欣怡=xinyi, 梦瑶=mengyao, 秀英=xiuying, 佳慧=jiahui, 思涵=sihan",
        "明华=minghua, 伟=wei, 子轩=zixuan, 浩然=haoran, 建国=jianguo, 志强=zhiqiang, 俊杰=junjie, 宇航=yuhang, 文博=wenbo",
        "王=wang, 李=li, 张=zhang, 刘=liu, 陈=chen, 杨=yang, 黄=huang, 赵=zhao, 吴=wu, 周=zhou, 徐=xu, 孙=sun, 马=ma,"
        " 朱=zhu, 胡=hu, 欧阳=ouyang",
        family_first=True,
    ),
    "japanese": _culture(
        "ja",
        "さくら=sakura, 美咲=misaki, 陽菜=hina, 由美子=yumiko, 恵=megumi, 葵=aoi",
        "健太=kenta, 翔=sho, 大輔=daisuke, 悠真=yuma, 誠=makoto, 直樹=naoki",
        "佐藤=sato, 鈴木=suzuki, 高橋=takahashi, 田中=tanaka, 伊藤=ito, 渡辺=watanabe, 山本=yamamoto, 中村=nakamura,"
        " 小林=kobayashi, 吉田=yoshida",
        family_first=True,
    ),
    "arabic": _culture(
        "ar",
        "فاطمة=fatima, مريم=maryam, ليلى=layla, نور=nour, هدى=huda, ياسمين=yasmin, سلمى=salma",
        "محمد=mohammed, أحمد=ahmed, خالد=khaled, عمر=omar, يوسف=yousef, حسن=hassan, طارق=tariq",
        "الحداد=alhaddad, الخطيب=alkhatib, حسين=hussein, المصري=almasri, العلي=alali, منصور=mansour, نجار=najjar,"
        " الشامي=alshami, قاسم=qasim, بيطار=bitar",
    ),
    "hebrew": _culture(
        "he",
        "נועה=noa, תמר=tamar, מיכל=michal, שירה=shira",
        "דוד=david, איתי=itai, יונתן=yonatan, אורי=uri",
        "כהן=cohen, לוי=levi, מזרחי=mizrahi, פרידמן=friedman, ביטון=biton",
    ),
}
