// Package live tells whoever is watching that something changed: "queue:a"
// moved, "contact:x" grew. A hint says where to look and never what is there;
// the receiver reads again with its own permission.
//
// What it promises: a hint given in a transaction reaches the subscribers of
// its topic, on every node, after the commit and not before; nothing is told of
// a transaction that failed. Nobody who publishes ever waits for a subscriber.
// A subscriber that may have missed something (it was slow, or the connection
// to PostgreSQL broke) gets Resync and reads everything again.
//
// Limits: hints of the same topic that wait together become one, so they
// cannot be counted; the order among topics means nothing.
package live
