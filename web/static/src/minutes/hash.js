// SHA-256 for browsers that offer none: loaded by hashing.js only there.
export { sha256 } from "@noble/hashes/sha2.js";
