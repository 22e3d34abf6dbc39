/** Every sentence the page says, in Spanish, Brazilian Portuguese and English, and which of the three it speaks now. */

const REMEMBERED = "telephone-language";

export const LANGUAGES = { es: "Español", "pt-BR": "Português", en: "English" };

const SENTENCES = {
  es: {
    title: "Teléfono de prueba",
    subtitle: "Escribe como lo haría un cliente. Nada sale de aquí.",
    language: "Idioma",
    start: "Inicio",
    addTelephone: "Añadir un teléfono",
    addTelephoneWhy: "Otro cliente, al lado de este",
    removeTelephone: (name) => `Quitar el teléfono de ${name}`,
    telephoneOf: (name) => `Teléfono de ${name}`,
    newTelephone: "Teléfono nuevo",
    back: "Volver",
    chats: "Chats",
    whoWrites: "¿Quién escribe?",
    changeCustomer: "Cambiar de cliente",
    newCustomer: "Cliente nuevo",
    name: "Nombre",
    nameExample: "p. ej. Lucía Romero",
    reachedBy: "El negocio lo conoce por",
    kindPhone: "su número de teléfono",
    kindUsername: "su nombre de usuario, sin número",
    kindBoth: "las dos cosas",
    username: "Nombre de usuario",
    usernameExample: "p. ej. lucia.romero",
    create: "Crear y escribir",
    noNumber: "sin número visible",
    unnamed: "Sin nombre",
    noNumbersTitle: "Todavía no hay a quién escribir",
    noNumbersText: "Crea un agente con sus preguntas frecuentes en la página de inicio y su número aparecerá aquí.",
    noNumbersLink: "Crear un agente",
    noCustomersText: "Crea el primer cliente: será quien escriba desde este teléfono.",
    yesterday: "Ayer",
    today: "Hoy",
    online: "en línea",
    typing: "escribiendo…",
    offline: "Sin conexión, reintentando…",
    loadFailed: "No se pudo cargar.",
    tryAgain: "Reintentar",
    placeholder: "Mensaje",
    send: "Enviar",
    emoji: "Emojis",
    notice: "Esto es un teléfono de prueba: lo que escribes llega a tu bot y a nadie más.",
    hint: (question) => `Escribe «${question}»`,
    hintQuestion: "¿a qué hora abrís?",
    unread: (count) => (count === 1 ? "1 mensaje no leído" : `${count} mensajes no leídos`),
    newMessages: (count) => (count === 0 ? "Ir al final" : count === 1 ? "1 mensaje nuevo" : `${count} mensajes nuevos`),
    says: (name, text) => `${name}: ${text}`,
    you: "Tú",
    reply: "Responder",
    copy: "Copiar",
    react: (emoji) => `Reaccionar con ${emoji}`,
    removeReaction: "Quitar la reacción",
    options: "Opciones del mensaje",
    replyingTo: (name) => `Respondes a ${name}`,
    cancelReply: "No citar",
    seeOptions: "Ver opciones",
    chooseOne: "Elige una opción",
    close: "Cerrar",
    posting: "Enviando",
    sent: "Enviado",
    delivered: "Entregado",
    read: "Leído",
    failed: "No se envió",
    notSent: "No se pudo enviar.",
    notDelivered: "No se pudo entregar.",
    cannotShow: "Este tipo de mensaje no se ve en el teléfono de prueba.",
  },
  "pt-BR": {
    title: "Telefone de teste",
    subtitle: "Escreva como um cliente escreveria. Nada sai daqui.",
    language: "Idioma",
    start: "Início",
    addTelephone: "Adicionar um telefone",
    addTelephoneWhy: "Outro cliente, ao lado deste",
    removeTelephone: (name) => `Remover o telefone de ${name}`,
    telephoneOf: (name) => `Telefone de ${name}`,
    newTelephone: "Telefone novo",
    back: "Voltar",
    chats: "Conversas",
    whoWrites: "Quem escreve?",
    changeCustomer: "Trocar de cliente",
    newCustomer: "Novo cliente",
    name: "Nome",
    nameExample: "ex.: Luísa Ramos",
    reachedBy: "A empresa o conhece por",
    kindPhone: "seu número de telefone",
    kindUsername: "seu nome de usuário, sem número",
    kindBoth: "os dois",
    username: "Nome de usuário",
    usernameExample: "ex.: luisa.ramos",
    create: "Criar e escrever",
    noNumber: "sem número visível",
    unnamed: "Sem nome",
    noNumbersTitle: "Ainda não há para quem escrever",
    noNumbersText: "Crie um agente com suas perguntas frequentes na página inicial e o número dele aparecerá aqui.",
    noNumbersLink: "Criar um agente",
    noCustomersText: "Crie o primeiro cliente: é ele quem vai escrever deste telefone.",
    yesterday: "Ontem",
    today: "Hoje",
    online: "online",
    typing: "digitando…",
    offline: "Sem conexão, tentando de novo…",
    loadFailed: "Não foi possível carregar.",
    tryAgain: "Tentar de novo",
    placeholder: "Mensagem",
    send: "Enviar",
    emoji: "Emojis",
    notice: "Este é um telefone de teste: o que você escreve chega ao seu bot e a mais ninguém.",
    hint: (question) => `Escreva “${question}”`,
    hintQuestion: "que horas vocês abrem?",
    unread: (count) => (count === 1 ? "1 mensagem não lida" : `${count} mensagens não lidas`),
    newMessages: (count) => (count === 0 ? "Ir para o fim" : count === 1 ? "1 mensagem nova" : `${count} mensagens novas`),
    says: (name, text) => `${name}: ${text}`,
    you: "Você",
    reply: "Responder",
    copy: "Copiar",
    react: (emoji) => `Reagir com ${emoji}`,
    removeReaction: "Remover a reação",
    options: "Opções da mensagem",
    replyingTo: (name) => `Respondendo a ${name}`,
    cancelReply: "Não citar",
    seeOptions: "Ver opções",
    chooseOne: "Escolha uma opção",
    close: "Fechar",
    posting: "Enviando",
    sent: "Enviada",
    delivered: "Entregue",
    read: "Lida",
    failed: "Não enviada",
    notSent: "Não foi possível enviar.",
    notDelivered: "Não foi possível entregar.",
    cannotShow: "Este tipo de mensagem não aparece no telefone de teste.",
  },
  en: {
    title: "Test telephone",
    subtitle: "Write as a customer would. Nothing leaves this place.",
    language: "Language",
    start: "Start page",
    addTelephone: "Add a telephone",
    addTelephoneWhy: "Another customer, beside this one",
    removeTelephone: (name) => `Remove ${name}’s telephone`,
    telephoneOf: (name) => `${name}’s telephone`,
    newTelephone: "New telephone",
    back: "Back",
    chats: "Chats",
    whoWrites: "Who is writing?",
    changeCustomer: "Change customer",
    newCustomer: "New customer",
    name: "Name",
    nameExample: "e.g. Lucy Rowe",
    reachedBy: "The business knows them by",
    kindPhone: "their phone number",
    kindUsername: "their username, no number",
    kindBoth: "both",
    username: "Username",
    usernameExample: "e.g. lucy.rowe",
    create: "Create and write",
    noNumber: "no visible number",
    unnamed: "No name",
    noNumbersTitle: "There is nobody to write to yet",
    noNumbersText: "Make an agent with its FAQs on the start page and its number will appear here.",
    noNumbersLink: "Make an agent",
    noCustomersText: "Make the first customer: the one who writes from this telephone.",
    yesterday: "Yesterday",
    today: "Today",
    online: "online",
    typing: "typing…",
    offline: "No connection, trying again…",
    loadFailed: "This could not be loaded.",
    tryAgain: "Try again",
    placeholder: "Message",
    send: "Send",
    emoji: "Emoji",
    notice: "This is a test telephone: what you write reaches your bot and nobody else.",
    hint: (question) => `Write “${question}”`,
    hintQuestion: "what time do you open?",
    unread: (count) => (count === 1 ? "1 unread message" : `${count} unread messages`),
    newMessages: (count) => (count === 0 ? "Go to the end" : count === 1 ? "1 new message" : `${count} new messages`),
    says: (name, text) => `${name}: ${text}`,
    you: "You",
    reply: "Reply",
    copy: "Copy",
    react: (emoji) => `React with ${emoji}`,
    removeReaction: "Remove the reaction",
    options: "Message options",
    replyingTo: (name) => `Replying to ${name}`,
    cancelReply: "Do not quote",
    seeOptions: "See options",
    chooseOne: "Choose an option",
    close: "Close",
    posting: "Sending",
    sent: "Sent",
    delivered: "Delivered",
    read: "Read",
    failed: "Not sent",
    notSent: "This could not be sent.",
    notDelivered: "This could not be delivered.",
    cannotShow: "The test telephone does not show this kind of message.",
  },
};

let spoken = remembered() ?? preferred();

/** Returns a sentence in the language of the page. */
export function say(key, ...values) {
  const sentence = SENTENCES[spoken][key];
  return typeof sentence === "function" ? sentence(...values) : sentence;
}

/** Returns the language of the page, as a BCP 47 tag. */
export const language = () => spoken;

/** Speaks another language from now on, in this browser. */
export function speak(chosen) {
  spoken = chosen;
  try {
    localStorage.setItem(REMEMBERED, chosen);
  } catch {
    // A browser that keeps nothing still changes the language of this visit.
  }
}

function remembered() {
  try {
    const kept = localStorage.getItem(REMEMBERED);
    return kept in LANGUAGES ? kept : null;
  } catch {
    return null;
  }
}

function preferred() {
  for (const wished of navigator.languages) {
    const match = Object.keys(LANGUAGES).find((tag) => tag.slice(0, 2) === wished.slice(0, 2).toLowerCase());
    if (match !== undefined) return match;
  }
  return "en";
}
