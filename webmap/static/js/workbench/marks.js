// What single things look like on the map: told apart by their shape, not by colour alone.

export function square(pen, x, y) {
  pen.fillRect(x - 3, y - 3, 6, 6);
}

export function triangle(pen, x, y) {
  pen.beginPath();
  pen.moveTo(x, y - 4.5);
  pen.lineTo(x + 4, y + 3);
  pen.lineTo(x - 4, y + 3);
  pen.fill();
}

export function diamond(pen, x, y) {
  pen.beginPath();
  pen.moveTo(x, y - 5);
  pen.lineTo(x + 4, y);
  pen.lineTo(x, y + 5);
  pen.lineTo(x - 4, y);
  pen.fill();
}

export function ring(pen, x, y) {
  pen.beginPath();
  pen.arc(x, y, 2.5, 0, 2 * Math.PI);
  pen.lineWidth = 1.25;
  pen.stroke();
}
