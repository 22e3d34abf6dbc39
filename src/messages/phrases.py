"""Every sentence that the bot says of its own accord, in each of its languages."""

_PHRASES: dict[str, dict[str, str]] = {
    "es": {
        "greeting": "¡Hola! ¿En qué podemos ayudar?",
        "thanks": "¡Con gusto! Cualquier otra duda, por aquí seguimos.",
        "goodbye": "¡Hasta pronto! Por aquí seguimos para cualquier duda.",
        "ok": "¡Perfecto! Cualquier otra duda, por aquí seguimos.",
        "no_more": "De acuerdo, por aquí no llegará nada más. Si más adelante hace falta algo, basta con escribir.",
        "notice": "Te responde un asistente automático, no una persona.",
        "notice_of": "Te responde el asistente automático de {name}, no una persona.",
        "bot": "Soy el asistente automático. Respondo preguntas frecuentes y, si hace falta, aviso a una persona del equipo.",
        "which_one": "Para responder bien: ¿cuál de estas es la pregunta?",
        "this_one": "Para responder bien: ¿es esta la pregunta?",
        "which_one_button": "Ver opciones",
        "person": "Otra cosa",
        "person_hint": "Hablar con una persona",
        "person_button": "Con una persona",
        "no_answer": "Eso no figura en la información que tengo y prefiero no inventar. "
        "El mensaje queda para el equipo: una persona responderá por aquí.",
        "not_known": "Eso no figura en la información que tengo y prefiero no inventar. ¿Paso el mensaje a una persona del equipo?",
        "removed": "Esa información ya no está disponible. El mensaje queda para el equipo: una persona responderá por aquí.",
        "hand_off": "De acuerdo, el mensaje queda para el equipo: una persona responderá por aquí.",
        "hand_off_sorry": "Lo siento mucho. El mensaje queda para el equipo: una persona responderá por aquí.",
        "hand_off_plain": "El mensaje queda para el equipo: una persona responderá por aquí.",
        "no_person": "De acuerdo, seguimos por aquí. ¿En qué podemos ayudar?",
        "rest_not_known": "No tengo una respuesta segura para lo demás: ¿paso el mensaje a una persona del equipo?",
        "rest_no_answer": "No tengo una respuesta segura para lo demás, que queda para el equipo: una persona responderá por aquí.",
        "contact": "También está este contacto:",
        "off_topic": "En eso no puedo ayudar: por aquí solo se responden preguntas sobre {name}.",
        "us": "nuestros servicios",
        "unreadable_again": "Ese tipo de mensajes no lo puedo ver ni escuchar. "
        "El mensaje queda para el equipo: una persona responderá por aquí.",
        "action_ask": "Para confirmar: ¿hago esto?",
        "action_yes": "Sí, adelante",
        "action_no": "No",
        "yes": "sí",
        "no": "no",
        "action_declined": "De acuerdo, no hago nada.",
        "action_expired": "Eso ya no está pendiente, así que ahora no hago nada. Si hace falta, se puede pedir de nuevo.",
        "action_lapsed": "Lo que estaba por confirmar no lo hice; si hace falta, se puede pedir de nuevo.",
        "action_done": "Listo, ya está hecho.",
        "action_failed": "Eso no se pudo hacer. El mensaje queda para el equipo: una persona responderá por aquí.",
        "action_unknown": "No tengo la certeza de que eso haya quedado hecho, y prefiero no repetirlo. El mensaje queda para el equipo: una persona lo revisará y responderá por aquí.",
        "unheard": "No pude escuchar el audio. Por escrito sí puedo ayudar.",
        "also_unheard": "El audio no lo pude escuchar: por escrito sí puedo ayudar.",
        "also_unseen": "La imagen no la pude ver: por escrito sí puedo ayudar.",
        "unseen": "Eso no lo pude ver. Por escrito sí puedo ayudar.",
        "unsupported": "Ese tipo de mensaje no llega bien por aquí. Por escrito sí puedo ayudar.",
        "place": "¡Gracias por la ubicación! ¿En qué podemos ayudar?",
        "people": "¡Gracias por el contacto! ¿En qué podemos ayudar?",
        "file": "Los documentos no los puedo abrir. "
        "El mensaje queda para el equipo: una persona responderá por aquí.",
    },
    "pt": {
        "greeting": "Olá! Como podemos ajudar?",
        "thanks": "De nada! Qualquer outra dúvida, é só chamar.",
        "goodbye": "Até logo! Qualquer dúvida, é só chamar.",
        "ok": "Perfeito! Qualquer outra dúvida, é só chamar.",
        "no_more": "Certo, não vai chegar mais nada por aqui. Se precisar de algo depois, é só escrever.",
        "notice": "Quem responde é um assistente automático, não uma pessoa.",
        "notice_of": "Quem responde é o assistente automático de {name}, não uma pessoa.",
        "bot": "Sou o assistente automático. Respondo perguntas frequentes e, se precisar, aviso uma pessoa da equipe.",
        "which_one": "Para responder certinho: qual destas é a pergunta?",
        "this_one": "Para responder certinho: é esta a pergunta?",
        "which_one_button": "Ver opções",
        "person": "Outra coisa",
        "person_hint": "Falar com uma pessoa",
        "person_button": "Falar com alguém",
        "no_answer": "Isso não está nas informações que tenho e prefiro não inventar. "
        "A mensagem fica com a equipe: uma pessoa vai responder por aqui.",
        "not_known": "Isso não está nas informações que tenho e prefiro não inventar. Passo a mensagem para uma pessoa da equipe?",
        "removed": "Essa informação não está mais disponível. A mensagem fica com a equipe: uma pessoa vai responder por aqui.",
        "hand_off": "Certo, a mensagem fica com a equipe: uma pessoa vai responder por aqui.",
        "hand_off_sorry": "Sinto muito. A mensagem fica com a equipe: uma pessoa vai responder por aqui.",
        "hand_off_plain": "A mensagem fica com a equipe: uma pessoa vai responder por aqui.",
        "no_person": "Certo, seguimos por aqui. Como podemos ajudar?",
        "rest_not_known": "Para o resto não tenho uma resposta certa: passo a mensagem para uma pessoa da equipe?",
        "rest_no_answer": "Para o resto, que fica com a equipe, não tenho uma resposta certa: uma pessoa vai responder por aqui.",
        "contact": "Também há este contato:",
        "off_topic": "Nisso não posso ajudar: por aqui só respondemos perguntas sobre {name}.",
        "us": "os nossos serviços",
        "unreadable_again": "Esse tipo de mensagem não consigo ver nem ouvir. "
        "A mensagem fica com a equipe: uma pessoa vai responder por aqui.",
        "action_ask": "Para confirmar: faço isto?",
        "action_yes": "Sim, pode fazer",
        "action_no": "Não",
        "yes": "sim",
        "no": "não",
        "action_declined": "Certo, não faço nada.",
        "action_expired": "Isso não está mais pendente, então agora não faço nada. Se precisar, é só pedir de novo.",
        "action_lapsed": "O que faltava confirmar eu não fiz; se precisar, é só pedir de novo.",
        "action_done": "Pronto, está feito.",
        "action_failed": "Não foi possível fazer isso. A mensagem fica com a equipe: uma pessoa vai responder por aqui.",
        "action_unknown": "Não tenho certeza de que isso foi feito e prefiro não repetir. A mensagem fica com a equipe: uma pessoa vai verificar e responder por aqui.",
        "unheard": "Não consegui ouvir o áudio. Por escrito, consigo ajudar.",
        "also_unheard": "O áudio não consegui ouvir: por escrito, consigo ajudar.",
        "also_unseen": "A imagem não consegui ver: por escrito, consigo ajudar.",
        "unseen": "Isso não consegui ver. Por escrito, consigo ajudar.",
        "unsupported": "Esse tipo de mensagem não chega bem por aqui. Por escrito, consigo ajudar.",
        "place": "Recebemos a localização! Como podemos ajudar?",
        "people": "Recebemos o contato! Como podemos ajudar?",
        "file": "Documentos eu não consigo abrir. "
        "A mensagem fica com a equipe: uma pessoa vai responder por aqui.",
    },
    "en": {
        "greeting": "Hello! How can we help?",
        "thanks": "You're welcome! We are here for any other question.",
        "goodbye": "Goodbye! We are here for any other question.",
        "ok": "Great! We are here for any other question.",
        "no_more": "All right, nothing more will come from here. If you need something later, just write.",
        "notice": "You are talking to an automatic assistant, not to a person.",
        "notice_of": "You are talking to the automatic assistant of {name}, not to a person.",
        "bot": "I am the automatic assistant. I answer frequent questions and call a person of the team when needed.",
        "which_one": "To answer well: which of these is the question?",
        "this_one": "To answer well: is this the question?",
        "which_one_button": "See options",
        "person": "Something else",
        "person_hint": "Talk to a person",
        "person_button": "Talk to a person",
        "no_answer": "That is not in the information I have, and I would rather not make it up. "
        "The message is now with the team: a person will answer here.",
        "not_known": "That is not in the information I have, and I would rather not make it up. Shall I pass the message to a person of the team?",
        "removed": "That information is no longer available. The message is now with the team: a person will answer here.",
        "hand_off": "All right, the message is now with the team: a person will answer here.",
        "hand_off_sorry": "I am very sorry. The message is now with the team: a person will answer here.",
        "hand_off_plain": "The message is now with the team: a person will answer here.",
        "no_person": "All right, we go on here. How can we help?",
        "rest_not_known": "For the rest I have no sure answer: shall I pass the message to a person of the team?",
        "rest_no_answer": "I have no sure answer to the rest, and it is now with the team: a person will answer here.",
        "contact": "There is also this contact:",
        "off_topic": "I cannot help with that: only questions about {name} are answered here.",
        "us": "our services",
        "unreadable_again": "I cannot see or listen to that kind of message. "
        "The message is now with the team: a person will answer here.",
        "action_ask": "To confirm: shall I do this?",
        "action_yes": "Yes, go ahead",
        "action_no": "No",
        "yes": "yes",
        "no": "no",
        "action_declined": "All right, nothing is done.",
        "action_expired": "That is no longer waiting for an answer, so I am not doing anything now. If it is needed, just ask again.",
        "action_lapsed": "I did not do what was waiting for a yes; if it is needed, just ask again.",
        "action_done": "Done.",
        "action_failed": "That could not be done. The message is now with the team: a person will answer here.",
        "action_unknown": "I cannot tell whether that was done, and I would rather not repeat it. The message is now with the team: a person will check it and answer here.",
        "unheard": "I could not listen to the voice message. In writing I can help.",
        "also_unheard": "The voice message I could not listen to: in writing I can help.",
        "also_unseen": "The picture I could not see: in writing I can help.",
        "unseen": "I could not see that. In writing I can help.",
        "unsupported": "That kind of message does not get through well here. In writing I can help.",
        "place": "Thanks for the location! How can we help?",
        "people": "Thanks for the contact! How can we help?",
        "file": "I cannot open documents. The message is now with the team: a person will answer here.",
    },
}


def say(key: str, language: str) -> str:
    """The sentence of that name in es, pt or en."""
    return _PHRASES[language][key]


def says(text: str, key: str) -> bool:
    """Is one paragraph of the text that sentence, in any language?"""
    paragraphs = text.split("\n\n")
    return any(sentences[key] in paragraphs for sentences in _PHRASES.values())


def with_contact(key: str, language: str, contact: str | None) -> str:
    """The sentence, and below it the contact that the owner gave, if any."""
    sentence = say(key, language)
    if contact is None or not contact.strip():
        return sentence
    return f"{sentence}\n\n{say('contact', language)}\n{contact.strip()}"


def refusal(language: str, name: str | None) -> str:
    """Politely no: this is not about the business."""
    return say("off_topic", language).format(name=name or say("us", language))
