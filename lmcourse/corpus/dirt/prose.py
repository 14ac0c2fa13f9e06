"""The words that dirt is made of: what stands around, between and instead of the text of a web page.

Everything here was written for this course; every person, shop and newspaper is invented. Slots in braces are
filled by the other modules of this package.
"""

from __future__ import annotations

# fmt: off

SITE_NAMES = (
    "The Harbour Courier", "Open Shelf", "Kettle & Quill", "North Lane Notes", "Fieldbook", "Plain Answers",
    "The Tuesday Reader", "Lantern Archive", "Copper Street", "Millpond Weekly", "Understorey", "Second Draft",
    "Gatepost", "The Long Table", "Slate & Chalk", "Riverside Digest",
)
FIRST_NAMES = ("Mara", "Tobias", "Ines", "Callum", "Yusuf", "Greta", "Odile", "Piotr", "Hana", "Stefan", "Ruth", "Kofi",
               "Lena", "Arjun", "Sofia", "Bram")
LAST_NAMES = ("Keller", "Okafor", "Lindqvist", "Barros", "Novak", "Fairweather", "Tanaka", "Duval", "Moss", "Petrov",
              "Achterberg", "Quill", "Sandoval", "Whitlock")

# -- around the text ------------------------------------------------------------------------------------------------
MENU = {
    "en": ("Home", "News", "Topics", "About us", "Contact", "Archive", "Events", "Shop", "Search", "Sign in", "Help",
           "Podcasts", "Letters", "Weather", "Jobs", "Gallery", "Newsletter", "Forum", "Downloads", "Maps"),
    "de": ("Startseite", "Aktuelles", "Themen", "Über uns", "Kontakt", "Archiv", "Termine", "Suche", "Anmelden",
           "Hilfe"),
    "fr": ("Accueil", "Actualités", "Rubriques", "Qui sommes-nous", "Contact", "Archives", "Agenda", "Recherche",
           "Connexion", "Aide"),
    "es": ("Inicio", "Noticias", "Temas", "Quiénes somos", "Contacto", "Archivo", "Agenda", "Buscar", "Entrar",
           "Ayuda"),
    "zh": ("首页", "新闻", "专题", "关于我们", "联系方式", "往期内容", "活动", "搜索", "登录", "帮助"),
}
COOKIES = (
    "We use cookies to keep this site running and to count our readers. You can accept all of them or choose.",
    "{site} and its {number} partners store information on your device. Accept, refuse, or manage your choices "
    "below.",
    "This page would like to remember you. Read our cookie policy, then press OK to go on reading.",
    "By continuing to browse you agree to our use of cookies.",
)
ADVERTS = (
    "Tired of cold tea? The Thermillo mug keeps it hot for nine hours. Order today and save 20 %.",
    "ADVERTISEMENT",
    "Sponsored: learn to play the ukulele in thirty days, or your money back.",
    "Our readers get two months free at Brightloaf Bakery School. Claim your place now.",
    "Move house without tears. Compare three removal firms in one minute.",
    "Still paying too much for your broadband? Check your postcode with Zipline.",
    "Lumo desk lamps: soft on the eyes, kind to the planet. Free delivery this week.",
    "Win a weekend for two at the Grand Pavilion. Enter by Sunday.",
    "Your garden deserves better compost. Worm & Sons delivers to your door.",
)
RELATED = (
    "Also on {site}: ten small habits of people who finish their books",
    "Read next: what the tide left behind",
    "More on this subject",
    "You may also like: a short history of the paper clip",
    "Most read this week: why the clock in the square runs late",
    "From our archive: the winter the canal froze",
    "Editor's pick: an afternoon with the last lamplighter",
    "See all articles by this author",
)
SHARE = ("Share", "Tweet this", "E-mail to a friend", "Print", "Save for later", "Copy link", "Pin it", "Like 14",
         "Post to board")
NEWSLETTER = (
    "Get our best stories in your inbox every Friday. No spam, unsubscribe at any time.",
    "Join {number} readers. Enter your e-mail address below.",
    "Sign up to the {site} letter and never miss an article.",
)
COMMENTS = (
    "Thank you for this, it cleared up something I had wondered about for years.",
    "I do not agree with the second half at all, but it is well put.",
    "Does anyone know whether there is a longer version of this somewhere?",
    "First!",
    "My grandfather used to say the same thing. Made me smile.",
    "You have a typing error near the end, otherwise very clear.",
    "Could you write more on this, please? The part in the middle was too short for me.",
    "Came here from the forum. Still the best explanation I have seen.",
    "Reported the comment above. Please keep it polite, everybody.",
)
FOOTERS = (
    "© {year} {site}. All rights reserved.",
    "{site} is published by Harbour Lane Media. Registered office: 4 Wharf Row.",
    "Imprint · Privacy · Terms of use · Accessibility",
    "Designed with care. Hosted on renewable energy.",
    "No part of this site may be copied without our written consent.",
)
ASIDES = (
    ("Weather", "Tonight: light rain, 9°", "Tomorrow: dry, 14°"),
    ("Exchange rates", "1 crown = 0.83 florins", "1 florin = 1.20 crowns"),
    ("On this day", "A bridge was opened, and closed again", "See the calendar"),
    ("Most read", "How to fold a map", "The best benches in town", "Ask the gardener"),
    ("Tags", "history", "science", "how-to", "opinion", "local"),
)
THIN = (
    "", "Page not found.", "Please sign in to read this article.", "Loading…", "This gallery is empty.",
    "No results.", "Coming soon!", "Enable JavaScript to continue.",
)

# -- inside the text: lines that a site puts on each of its pages ---------------------------------------------------
BOILERPLATE = (
    "This article first appeared in the printed edition of {site}.",
    "Published {day} {month} {year} by the {site} desk; reading time {minutes} minutes.",
    "Want to tell us what you think? Write to the editor; we read every letter.",
    "This page has been viewed {number} times since it was put online.",
    "{site} is free to read. If you can, please support our work with a small gift.",
    "Spotted a mistake on this page? Let us know and we will put it right.",
    "Reprinted here with the kind permission of the author and of {site}.",
    "Text available under the house licence of {site}; additional terms may apply.",
    "Last updated: {day} {month} {year}. Report a problem with this page.",
    "The views given here are those of the author and not of {site}.",
    "Follow {site} wherever you get your news.",
    "Read this article in our app, on the train and in the bath.",
)

# -- personal data, and what only looks like it ---------------------------------------------------------------------
PERSONAL = (
    "Questions about this page go to {name} at {email}.",
    "To book a visit, call {phone} or write to {email}.",
    "{name} ({email}) collected the notes for this section.",
    "If the line is busy, ring {phone} after six in the evening.",
    "The change was made from {ip} while nobody was logged in.",
    "My number is {phone}, ask for {name}.",
    "Please charge it to my card, {card}, and send the receipt to {email}.",
    "{name} left a telephone number ({phone}) and asked to be called back.",
    "Corrections: {email}. Press enquiries: {email2}, tel. {phone}.",
    "Last login of user {user} from {ip}; password sent to {email}.",
    "I paid with {card} on the first of the month and have heard nothing since.",
    "Spoke to {name} on {phone} about this; see also {email}.",
    "The server at {ip} answers, the one at {ip2} does not.",
    "The first request came from {ip}:{port}, the last from {ip2}.",
    "Reach {name} under {phone}, extension {extension}.",
)
LEAD_INS = ("", "", "Note: ", "A word on this: ", "As a reader points out: ", "From the minutes: ", "Added later: ",
            "For the record: ", "To be exact: ", "In short: ", "Marked in pencil beside it: ", "The caretaker writes: ")
CONFUSABLE = (
    "The second edition (ISBN {isbn13}) adds an index; the first was {isbn10}.",
    "Measured between {date} and {date2}, at {time} each day.",
    "It needs version {version4} or later of the driver; {version3} will not do.",
    "The ticket cost ${price} then, about {price2} in today's money.",
    "See the journal, ISSN {issn}, volume 12, pages {pages}.",
    "Check the code out with git@{host}:tools/reader.git and run it as {user}@{machine}.",
    "The order number {order} is printed under the bar code.",
    "Its catalogue entry is doi:10.5555/{doi}, its shelf mark {shelf}.",
    "The population was {population} at the census of {years}.",
    "Place a decorator such as @{user} above the function; {user}@{machine} is only a prompt.",
    "The clock of the machine read {nanoseconds} nanoseconds.",
    "The grid reference is {latitude}, {longitude}.",
    "Section {section} of the rules applies to lots {pages}.",
    "The spare part {part} fits both; its bar code is {ean}.",
    "Mix the salt (CAS {cas}) with water; the patent is US {patent}.",
    "The file was last saved on {date} {time} and is {population} bytes long.",
    "Listen on 127.0.0.1 with the mask 255.255.255.0 while testing.",
)

# -- instead of the text: pages in another language -----------------------------------------------------------------
FOREIGN = {
    "de": (
        "Am Morgen war der Markt noch leer, nur der Bäcker stand schon hinter seinem Tisch und ordnete die Brote "
        "nach ihrer Größe. Wer früh kam, bekam die dunklen, die am längsten hielten. Gegen neun Uhr war davon "
        "nichts mehr übrig.",
        "Die alte Mühle am Fluss mahlt seit Jahren kein Korn mehr. Heute lernen dort Kinder, wie man Papier "
        "schöpft, und im Sommer trocknen die Bögen an langen Leinen zwischen den Bäumen.",
        "Für den Umbau der Bücherei hat der Rat mehr Geld bewilligt als erwartet. Die neuen Räume sollen heller "
        "werden, und zum ersten Mal gibt es einen Aufzug für alle, denen die Treppe zu steil ist.",
        "Mein Großvater reparierte Uhren, ohne je eine Gebrauchsanweisung zu lesen. Er hielt sie ans Ohr, nickte, "
        "und wusste meistens schon, welches Rädchen klemmte.",
        "Wenn der Nebel im Herbst über die Felder zieht, hört man die Züge, lange bevor man sie sieht. Die Kinder "
        "wetten dann, aus welcher Richtung der nächste kommt, und verlieren erstaunlich oft.",
        "Das Rezept ist einfach: drei Äpfel, etwas Zucker, eine Handvoll Nüsse und ein Teig, der über Nacht geruht "
        "hat. Schwierig ist nur, den Kuchen erst am nächsten Tag anzuschneiden.",
        "Der Verein sucht weiterhin Freiwillige, die samstags den Spielplatz öffnen. Man braucht keine "
        "Vorkenntnisse, nur Geduld, gutes Schuhwerk und ein wenig Humor.",
    ),
    "fr": (
        "Le facteur passait toujours à la même heure, et le chien du voisin le savait mieux que nous. Dès dix heures "
        "moins cinq, il se couchait devant la grille et attendait, les oreilles dressées.",
        "La bibliothèque du quartier prête désormais des outils de jardin. On peut garder une bêche trois "
        "semaines, un sécateur quinze jours, et personne ne s’étonne plus de voir des gens sortir avec une échelle.",
        "Après l’orage, la rivière avait changé de couleur. Les pêcheurs remontaient leurs lignes en silence, "
        "tandis que les enfants comptaient les branches qui passaient sous le pont.",
        "Ma tante écrivait ses recettes au dos de vieilles enveloppes. Il manquait souvent une quantité, parfois un "
        "ingrédient, mais jamais le nom de celui pour qui elle avait fait le plat la première fois.",
        "Le conseil a décidé de fermer la place aux voitures pendant l’été. Les commerçants craignaient le pire ; au "
        "mois d’août, ils demandaient que la mesure soit prolongée.",
        "Il faut laisser reposer la pâte une heure au moins, puis l’étaler très finement. Si elle se déchire, ce "
        "n’est pas grave : les morceaux cachés dessous n’ont jamais gêné personne.",
        "Depuis que la gare est fermée, les trains ne s’arrêtent plus ici. On entend seulement leur souffle, la "
        "nuit, et l’horloge du quai continue de marquer l’heure pour des voyageurs absents.",
    ),
    "es": (
        "La panadería de la esquina abre antes de que salga el sol. Cuando paso por delante, el olor ya ha llegado "
        "a la parada del autobús, y los que esperan hablan menos y sonríen más.",
        "El ayuntamiento ha plantado cuarenta árboles a lo largo de la avenida. Los vecinos se reparten el riego por "
        "turnos, y cada familia ha puesto nombre al suyo.",
        "Mi abuela guardaba los botones en una caja de galletas. Decía que algún día volverían a hacer falta, y "
        "tenía razón: nunca compramos uno nuevo en toda mi infancia.",
        "El equipo perdió los tres primeros partidos, pero nadie se marchó. Al cuarto empataron, y aquella noche la "
        "plaza celebró el empate como si fuera un campeonato.",
        "Para llegar al faro hay que esperar a que baje la marea. El camino queda al descubierto durante dos horas, "
        "tiempo de sobra para subir, mirar el mar y volver sin mojarse los pies.",
        "La escuela de música busca instrumentos que ya nadie toque. Los arreglan los alumnos mayores, y después los "
        "prestan a los pequeños, que todavía no saben si prefieren el violín o la trompeta.",
        "Cuando se fue la luz, sacamos las velas y las sillas a la calle. Hacía años que los vecinos no hablaban "
        "tanto, y al volver la corriente más de uno la apagó otra vez.",
    ),
    "zh": (
        "清晨的集市还没有开张，卖豆腐的老人已经把摊子摆好了。他说，来得早的人不一定买得最多，但总会多聊上几句。",
        "河边那座旧仓库去年改成了图书馆。孩子们放学以后在这里写作业，靠窗的座位总是最先坐满，因为可以看见过往的船。",
        "奶奶记不住电话号码，却记得每一棵树是哪一年种下的。她常常指着院子里的枣树说，这棵树和你爸爸一样大。",
        "连着下了三天的雨，山路被冲断了一段。村里的人自己动手，用了一个下午就把石头搬开，晚上又聚在一起喝茶。",
        "修钟表的师傅从来不急。他先把表放在耳边听一会儿，然后笑一笑，说问题不大，请您明天下午再来取。",
        "学校的操场正在翻修，体育课只好改到公园里上。学生们觉得这样更有意思，只是跑步的时候总会遇到遛狗的邻居。",
        "火车到站的时候天已经黑了。站台上的灯一盏一盏亮起来，来接人的家属举着牌子，远远地就喊出了名字。",
    ),
}
# Short foreign quotations inside English pages: such a page is still English and must be kept.
QUOTES = (
    ("de", "Am Anfang war nur eine Liste", "which is to say that it began with nothing but a list"),
    ("fr", "Chacun son métier, et les vaches seront bien gardées", "each to his own trade, as the old saying has it"),
    ("es", "Poco a poco se va lejos", "little by little one goes far"),
    ("zh", "千里之行，始于足下", "a long journey starts under your feet"),
    ("fr", "On verra bien demain", "tomorrow will show"),
    ("de", "Aller guten Dinge sind drei", "all good things come in threes"),
)

# -- instead of the text: spam --------------------------------------------------------------------------------------
SPAM_GOODS = ("watches", "running shoes", "diet drops", "phone cases", "car parts", "hair oil", "printer ink",
              "handbags", "sofa beds", "vitamin gummies", "sunglasses", "garden sheds")
SPAM_WORDS = ("cheap", "best", "buy", "online", "discount", "free shipping", "sale", "original", "2 for 1", "top rated",
              "lowest price", "order now", "near me", "official", "deals", "coupon")
SPAM_OFFERS = (
    "BUY {goods} NOW and get {number}% OFF!!!",
    "Click here >>> {link} <<< for the best {goods} online!",
    "Limited offer, only {number} left in stock, order today!",
    "100% guaranteed {goods}, free shipping worldwide!!!",
    "Don't wait!!! This deal ends TONIGHT!",
    "Best price best quality {goods} >>> {link}",
)
SPAM_PITCH = (
    "I never believed that {goods} could change my life until a friend sent me this page.",
    "Within only {number} days I had earned back every cent, and so can you.",
    "Thousands of happy customers cannot be wrong, just look at the reviews on {link}.",
    "The secret that the big shops do not want you to know is finally out.",
    "Simply enter your details and our team will call you within the hour.",
    "There is no risk at all, because you can cancel whenever you like.",
    "Experts agree that our {goods} are the number one choice this year.",
    "Hurry, the first {number} visitors receive a surprise gift worth more than the order itself.",
    "What are you waiting for, your new life starts with one click.",
)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")
