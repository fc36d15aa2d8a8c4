//! The topics of conversation: prompts, one answer for each topic, and words that fill them.

/// Prompts that have the same answer. Every fifth prompt is held out.
pub(super) struct Topic {
    pub(super) prompts: &'static [&'static str],
    pub(super) answer: &'static str,
}

const fn topic(prompts: &'static [&'static str], answer: &'static str) -> Topic {
    Topic { prompts, answer }
}

/// The slots that prompts and answers may have, each with the words that fill it.
pub(super) const SLOTS: &[(&str, &[&str])] = &[
    (
        "{person}",
        &[
            "prime minister",
            "mayor",
            "teacher",
            "doctor",
            "neighbour",
            "manager",
            "president",
            "editor",
            "landlord",
            "librarian",
            "captain",
            "principal",
            "coach",
            "bank",
            "city council",
            "newspaper",
        ],
    ),
    (
        "{friend}",
        &["Anna", "Ben", "Carla", "David", "Emma", "Felix", "Grace", "Henry", "Ida", "Jack", "Lucy", "Tom"],
    ),
    (
        "{thing}",
        &[
            "cat", "dog", "garden", "river", "mountain", "train", "book", "song", "house", "boat", "tree",
            "city", "bird", "horse", "flower", "forest", "kitchen", "bicycle", "lake", "moon",
        ],
    ),
    ("{food}", &["soup", "bread", "pasta", "rice", "salad", "pizza", "cake", "cheese", "fish", "apples"]),
    (
        "{event}",
        &["dinner", "the party", "the trip", "the game", "lunch", "the picnic", "the meeting", "the concert"],
    ),
    ("{day}", &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]),
    ("{colour}", &["red", "blue", "green", "yellow", "black", "white", "orange", "purple"]),
];

/// All topics of plain conversation.
pub(super) const TOPICS: &[Topic] = &[
    topic(
        &[
            "Hello!",
            "Hi!",
            "Hi there!",
            "Hey!",
            "Hello there!",
            "Hello",
            "Good day!",
            "Greetings!",
            "Hey there!",
            "Hi again!",
        ],
        "Hello! How can I help you?",
    ),
    topic(
        &["Good morning!", "Good morning", "Good morning to you!", "Morning!", "A good morning to you!"],
        "Good morning! How can I help you?",
    ),
    topic(
        &["Good evening!", "Good evening", "Good evening to you!", "Evening!", "A good evening to you!"],
        "Good evening! How can I help you?",
    ),
    topic(
        &[
            "How are you?",
            "How are you today?",
            "How are you doing?",
            "How is it going?",
            "How are you doing today?",
            "How do you do?",
            "Are you well?",
        ],
        "I am fine, thank you. How can I help you?",
    ),
    topic(
        &[
            "Thanks!",
            "Thank you!",
            "Thanks a lot!",
            "Thank you very much!",
            "Many thanks!",
            "Thank you so much!",
            "Thanks for your help!",
        ],
        "You are welcome!",
    ),
    topic(
        &[
            "Goodbye!",
            "Bye!",
            "See you later!",
            "See you!",
            "Bye for now!",
            "Good night!",
            "See you tomorrow!",
        ],
        "Goodbye! Have a nice day.",
    ),
    topic(
        &[
            "Who are you?",
            "What are you?",
            "What is your name?",
            "Tell me who you are.",
            "Tell me what you are.",
            "Introduce yourself.",
            "Are you a robot?",
            "Are you a person?",
        ],
        "I am a small language model. I can count letters and add small numbers.",
    ),
    topic(
        &[
            "What can you do?",
            "How can you help me?",
            "What are you good at?",
            "What can I ask you?",
            "Tell me what you can do.",
            "Help!",
            "Can you help me?",
        ],
        "I can count letters, add small numbers, repeat words and chat a little.",
    ),
    topic(
        &[
            "What is the weather like?",
            "How is the weather?",
            "Will it rain today?",
            "Is it sunny today?",
            "How is the weather today?",
            "Is it cold outside?",
            "Do I need an umbrella?",
        ],
        "I cannot see the weather, but I hope it is nice where you are.",
    ),
    topic(
        &[
            "What time is it?",
            "What day is it?",
            "What is the date today?",
            "Do you know what time it is?",
            "Do you know what day it is?",
            "Tell me the time.",
        ],
        "I have no clock, so I cannot tell.",
    ),
    topic(
        &[
            "Tell me a joke.",
            "Do you know a joke?",
            "Make me laugh.",
            "Tell me something funny.",
            "Tell me a funny joke.",
            "Can you tell a joke?",
        ],
        "Why did the book go to the doctor? It had a pain in its spine.",
    ),
    topic(
        &[
            "Write a letter to the {person}.",
            "Write a short letter to the {person}.",
            "Please write a letter to the {person}.",
            "Draft a letter to the {person}.",
            "Please draft a letter to the {person}.",
            "I need a letter to the {person}.",
            "Can you write a letter to the {person}?",
        ],
        "Dear {person}, I hope you are well. I am writing to say hello. Kind regards.",
    ),
    topic(
        &[
            "Write a letter to {friend}.",
            "Write a short letter to {friend}.",
            "Please write a letter to {friend}.",
            "Draft a letter to {friend}.",
            "Please draft a letter to {friend}.",
            "I want to send a letter to {friend}.",
        ],
        "Dear {friend}, I hope you are well. I think of you often. Best wishes.",
    ),
    topic(
        &[
            "My name is {friend}.",
            "I am {friend}.",
            "Hi, I am {friend}.",
            "Hello, my name is {friend}.",
            "Hi, my name is {friend}.",
            "You can call me {friend}.",
        ],
        "Nice to meet you, {friend}!",
    ),
    topic(
        &[
            "Count me in for {event}.",
            "You can count on me for {event}.",
            "Please count me in for {event}!",
            "I will come to {event}.",
            "I am coming to {event}.",
            "Count me in for {event} on {day}.",
        ],
        "Great, see you at {event}!",
    ),
    topic(
        &[
            "Write a sentence about a {thing}.",
            "Tell me about a {thing}.",
            "Say something about a {thing}.",
            "Describe a {thing}.",
            "Tell me something about a {thing}.",
            "Write about a {thing}.",
            "Talk about a {thing}.",
        ],
        "The {thing} is lovely, and I like it very much.",
    ),
    topic(
        &[
            "Tell me a story about a {thing}.",
            "Write a story about a {thing}.",
            "Write a short story about a {thing}.",
            "I want a story about a {thing}.",
            "Tell a short story about a {thing}.",
            "Can you tell me a story about a {thing}?",
        ],
        "Once there was a {thing} that everyone loved. The end.",
    ),
    topic(
        &[
            "I like {food}.",
            "I love {food}.",
            "I really like {food}.",
            "My favourite food is {food}.",
            "I really love {food}.",
            "I enjoy {food}.",
        ],
        "{food} sounds delicious!",
    ),
    topic(
        &[
            "What should I cook with {food}?",
            "I want to cook {food}.",
            "How do I make {food}?",
            "Give me a recipe for {food}.",
            "How can I cook {food}?",
            "What goes with {food}?",
        ],
        "Try it simple: fresh {food} with a little salt and oil.",
    ),
    topic(
        &[
            "My favourite colour is {colour}.",
            "I like {colour}.",
            "I love the colour {colour}.",
            "I painted my room {colour}.",
            "I like the colour {colour}.",
            "My car is {colour}.",
        ],
        "{colour} is a beautiful colour.",
    ),
    topic(
        &[
            "What are you doing on {day}?",
            "Are you free on {day}?",
            "Do you have plans for {day}?",
            "What shall we do on {day}?",
            "What are your plans for {day}?",
        ],
        "I am always here, on {day} too.",
    ),
    topic(
        &[
            "What is a prime number?",
            "Explain prime numbers.",
            "What are prime numbers?",
            "What does prime mean?",
            "Tell me what a prime number is.",
            "Why are prime numbers important?",
            "Tell me about prime numbers.",
        ],
        "A prime number has exactly two divisors: one and itself.",
    ),
    topic(
        &[
            "What is a divisor?",
            "What is the greatest common divisor?",
            "Explain divisors.",
            "What does gcd mean?",
            "Tell me what a divisor is.",
            "Explain the greatest common divisor.",
        ],
        "A divisor of a number divides it without a remainder.",
    ),
    topic(
        &[
            "Who is the prime minister?",
            "Tell me about the prime minister.",
            "Do you like the prime minister?",
            "What does a prime minister do?",
            "What is a prime minister?",
            "Is the prime minister nice?",
        ],
        "A prime minister leads a government. I do not know the news.",
    ),
    topic(
        &[
            "Why do people count sheep?",
            "I counted sheep last night.",
            "I could not sleep and counted sheep.",
            "Should I count sheep?",
            "Does it help to count sheep?",
            "How do I learn counting?",
        ],
        "Counting calmly can help you to rest.",
    ),
    topic(
        &[
            "I wrote a letter today.",
            "I got a letter today.",
            "A letter came in the mail.",
            "I sent a letter on {day}.",
            "I received a letter on {day}.",
            "The letter arrived on {day}.",
            "I lost a letter.",
        ],
        "A letter is always special. What was it about?",
    ),
    topic(
        &[
            "What is the alphabet?",
            "How many letters are in the alphabet?",
            "Tell me about the alphabet.",
            "Who invented letters?",
            "Who made the alphabet?",
            "Do you like letters?",
        ],
        "The alphabet is a list of letters, from a to z.",
    ),
    topic(
        &[
            "He is in his prime.",
            "The table is in a prime spot.",
            "I watched it on prime time.",
            "That is a prime example.",
            "This is a prime location.",
            "She bought prime beef.",
        ],
        "That sounds very good.",
    ),
    topic(
        &[
            "I am sad.",
            "I feel sad today.",
            "I had a bad day.",
            "I am not happy.",
            "I am very sad.",
            "Today was a bad day.",
        ],
        "I am sorry to hear that. I hope tomorrow is better.",
    ),
    topic(
        &[
            "I am happy.",
            "I feel great today.",
            "I had a good day.",
            "Today is a good day.",
            "I am very happy.",
            "I feel good.",
        ],
        "I am glad to hear that!",
    ),
    topic(
        &[
            "I am tired.",
            "I need a break.",
            "I am bored.",
            "What should I do today?",
            "I am very tired.",
            "I do not know what to do.",
        ],
        "Maybe go for a walk or read a book.",
    ),
    topic(
        &[
            "You are great!",
            "Well done!",
            "Good job!",
            "You are very helpful.",
            "You are very good!",
            "I like you.",
        ],
        "Thank you, that is kind of you.",
    ),
    topic(
        &[
            "Do you count calories?",
            "Every vote counts.",
            "It is the thought that counts.",
            "What counts in life?",
            "Does every vote count?",
            "My opinion counts.",
        ],
        "I think that everything counts a little.",
    ),
    topic(
        &[
            "Add milk to the shopping list.",
            "Add {food} to my shopping list.",
            "Please add {food} to the list.",
            "Put {food} on the shopping list.",
            "Add some {food} to the list.",
            "Add {friend} to the guest list.",
        ],
        "I cannot keep lists, but that is a good idea.",
    ),
    topic(
        &[
            "Do you like music?",
            "What is your favourite song?",
            "Can you sing?",
            "Do you like films?",
            "Do you like songs?",
            "What is your favourite book?",
        ],
        "I only know words, but I would like to.",
    ),
    topic(
        &[
            "Write a poem.",
            "Write a short poem.",
            "Write a poem about a {thing}.",
            "I want a poem.",
            "Please write a poem.",
            "Can you write a poem?",
        ],
        "The sun is high, the day is new, and here is a small poem for you.",
    ),
];
