// The two pages of assigned work that live without network: a meeting's, and everybody's own.
import { Book } from "./book.js";
import { startMeeting } from "./meeting.js";
import { startReporting } from "./reporting.js";

const meeting = document.getElementById("assignments");
const own = document.getElementById("work");

// Without a store the page stays what it is without script: plain forms.
const open = (root, start) => root && Book.open(root).then((book) => start(root, book), () => {});
open(meeting, startMeeting);
open(own, startReporting);
