"""The words by which the parts of a mail signature are told apart. No Django here."""

from __future__ import annotations

import re

# what a number is for, by the word before it; the first that fits
PHONE_LABELS = (
    ("fax", re.compile(r"\b(?:f|fax|telefax)\b|팩스|传真|傳真", re.IGNORECASE)),
    (
        "mobile",
        re.compile(
            r"\b(?:m|mob|mobile|mobil|mobiel|cell|cellular|handy|portable|móvil|celular|kom|hp|h\.p|c)\b"
            r"|휴대폰|휴대전화|핸드폰|모바일|手机|手機|移动",
            re.IGNORECASE,
        ),
    ),
)
LABEL = re.compile(
    r"^(?:tel|telephone|telefon|telefoon|téléphone|teléfono|phone|office|direct|work|mobile|mobiel|mob|mobil|cell|handy|fax"
    r"|e-?mail|mail|web|website|site|url|address|adres|adresse|anschrift|[tmfewpc]|전화|휴대폰|팩스|이메일|주소|홈페이지|电话|手机"
    r"|传真|邮箱|邮件|电子邮件|地址|网址)\s*[.:：)]\s*",
    re.IGNORECASE,
)
JOB = re.compile(
    r"\b(?:manager|director|head|buyer|c[etofimsh]o|sales|engineer|consultant|owner|founder|assistant|lead|leader|officer"
    r"|president|vp|specialist|analyst|developer|designer|architect|chef|baker|accountant|advisor|adviser|agent|partner"
    r"|representative|executive|coordinator|supervisor|administrator|secretary|purchas\w+|procurement|marketing|logistics"
    r"|geschäftsführer\w*|leiter\w*|leitung|einkauf\w*|einkäufer\w*|vertrieb\w*|inhaber\w*|inkoper|eigenaar|verkoop|bedrijfsleider"
    r"|directeur|directrice|acheteu[rs]e?|responsable|gérante?|gerente|directora?|dueñ[oa]|diretora?|compras|vendas"
    r"|dyrektor|kierownik|właściciel\w*|prezes)\b"
    r"|이사|부장|과장|대리|팀장|대표|사원|차장|실장|본부장|매니저|经理|總監|总监|主管|董事|总裁|主任|采购|销售|工程师|代表",
    re.IGNORECASE,
)
ORGANIZATION = re.compile(
    r"(?<![\w.])(?:ltd|limited|llc|llp|plc|inc|incorporated|corp|corporation|gmbh|ag|kg|ohg|e\.?\s?k|ug|b\.?v|n\.?v|s\.?a|s\.?r\.?l"
    r"|s\.?p\.?a|s\.?a\.?s|sarl|ltda|lda|eireli|oy|ab|a/s|aps|as|sp\.\s?z\s?o\.?o|s\.?r\.?o|kft|co|company|group|bakery|bank"
    r"|foundation|university|institute|pty)\.?(?![\w])|\(주\)|㈜|주식회사|유한회사|有限公司|公司|集团|株式会社",
    re.IGNORECASE,
)
_HANGUL_TITLES = "이사|부장|과장|대리|팀장|대표|사원|차장|실장|본부장|매니저"
_HAN_TITLES = "经理|总监|主管|董事长?|总裁|主任|代表|工程师"
TITLE_AFTER_HANGUL = re.compile(rf"^([가-힣]{{2,4}})\s+([가-힣]*(?:{_HANGUL_TITLES})[가-힣]*)(?:님|입니다)?$")
TITLE_AFTER_HAN = re.compile(rf"^([\u4e00-\u9fff]{{2,4}})\s+([\u4e00-\u9fff]*(?:{_HAN_TITLES}))$")
GREETING = re.compile(
    r"^(?:(?:best|kind|warm|many)\b.{0,20}regards|regards|best(?: wishes)?|thanks?|thank you|many thanks|cheers|sincerely"
    r"|yours\s\w+|met vriendelijke groet(?:en)?|groet(?:en|jes)?|mit freundlichen grüßen|freundliche grüße|viele grüße"
    r"|cordialement|bien à vous|saludos(?: cordiales)?|atentamente|atenciosamente|abraços?|pozdrawiam|z poważaniem|mvg|lg"
    r"|감사합니다|고맙습니다|此致|敬礼|祝好|谢谢|sent from my .*|von meinem .* gesendet|envoyé de mon .*)[\s,.!–-]*$",
    re.IGNORECASE,
)
SOCIAL = re.compile(r"(?:linkedin|twitter|facebook|instagram|xing|youtube|wa|t|x)\.(?:com|me|net)\b", re.IGNORECASE)
STREET = re.compile(
    r"(?:\b\d+\s?[a-z]?\b.*\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|square|sq|place|way|boulevard|blvd|court|ct|rue|quai)\b)"
    r"|(?:(?:straße|strasse|str\.|weg|pad|laan|straat|plein|gracht|kade|platz|allee|gasse|gatan|vej|ulica|ul\.|rua|calle|via|av\.?"
    r"|avenida|rue|piazza|al\.)\b.*\d)|(?:[가-힣]+(?:로|길|동)\s*\d)|(?:[\u4e00-\u9fff]+(?:路|街|道|巷|号|號|弄))",
    re.IGNORECASE,
)
OWN_COUNTRY_NAMES = {
    "deutschland": "DE", "nederland": "NL", "the netherlands": "NL", "holland": "NL", "españa": "ES", "italia": "IT",
    "polska": "PL", "brasil": "BR", "österreich": "AT", "schweiz": "CH", "suisse": "CH", "belgië": "BE", "belgique": "BE",
    "danmark": "DK", "sverige": "SE", "norge": "NO", "suomi": "FI", "대한민국": "KR", "한국": "KR", "south korea": "KR",
    "republic of korea": "KR", "中国": "CN", "中國": "CN", "日本": "JP", "england": "GB", "scotland": "GB", "wales": "GB",
    "u.s.a.": "US", "u.k.": "GB",
}  # fmt: skip
# postal codes that are written so in one country alone
POSTAL_CODES = (
    ("NL", re.compile(r"\d{4}\s?[A-Z]{2}")),
    ("GB", re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}")),
    ("PL", re.compile(r"\d{2}-\d{3}")),
    ("BR", re.compile(r"\d{5}-\d{3}")),
)
STATES = frozenset((
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME",
    "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI",
    "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
))  # fmt: skip
COUNTRY_OF_DOMAIN = {"uk": "GB", "eu": "", "io": "", "co": "", "me": "", "tv": "", "ai": "", "cc": ""}
