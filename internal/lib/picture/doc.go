// Package picture shows a picture that somebody sent without what else is in
// its file: where and when it was taken, with what, by whom, and whatever was
// made to harm a program that reads it.
//
// It promises: what it gives was drawn anew from the points of the picture
// alone, so no EXIF, no place, no comment, no colour profile and no hidden
// second picture is in it; a picture that would need too much memory is
// refused by what its head says, before anything is decoded; one is decoded at
// a time, whoever else waits.
//
// Limits: JPEG, PNG, GIF (its first picture) and WebP. HEIC, AVIF, TIFF, SVG
// and films are not shown; they are files to download. What can be seen in a
// picture stays: a street sign is not taken out. A decoder that is at work
// cannot be stopped, so time is bounded by the size of what it is given.
package picture
