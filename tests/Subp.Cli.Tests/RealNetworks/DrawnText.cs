namespace Subp.Cli.Tests.RealNetworks;

/// <summary>A line of text drawn with strokes: no font is needed, and every machine draws the same.</summary>
internal static class DrawnText
{
    private const double Margin = 8;
    private const double HalfStroke = 1.2;
    private const double LetterShare = 0.62;

    // Strokes in a box one wide and two high, from the upper left corner: x and y of both ends.
    private static readonly Dictionary<char, double[][]> Strokes = new()
    {
        ['A'] =
        [
            [0, 2, 0.5, 0],
            [0.5, 0, 1, 2],
            [0.2, 1.3, 0.8, 1.3],
        ],
        ['E'] =
        [
            [0, 0, 0, 2],
            [0, 0, 1, 0],
            [0, 1, 0.8, 1],
            [0, 2, 1, 2],
        ],
        ['F'] =
        [
            [0, 0, 0, 2],
            [0, 0, 1, 0],
            [0, 1, 0.8, 1],
        ],
        ['K'] =
        [
            [0, 0, 0, 2],
            [0, 1.2, 1, 0],
            [0.35, 0.9, 1, 2],
        ],
        ['L'] =
        [
            [0, 0, 0, 2],
            [0, 2, 1, 2],
        ],
        ['M'] =
        [
            [0, 2, 0, 0],
            [0, 0, 0.5, 1.2],
            [0.5, 1.2, 1, 0],
            [1, 0, 1, 2],
        ],
        ['P'] =
        [
            [0, 0, 0, 2],
            [0, 0, 0.8, 0],
            [0.8, 0, 1, 0.25],
            [1, 0.25, 1, 0.75],
            [1, 0.75, 0.8, 1],
            [0.8, 1, 0, 1],
        ],
        ['R'] =
        [
            [0, 0, 0, 2],
            [0, 0, 0.8, 0],
            [0.8, 0, 1, 0.25],
            [1, 0.25, 1, 0.75],
            [1, 0.75, 0.8, 1],
            [0.8, 1, 0, 1],
            [0.5, 1, 1, 2],
        ],
        ['T'] =
        [
            [0, 0, 1, 0],
            [0.5, 0, 0.5, 2],
        ],
        ['Y'] =
        [
            [0, 0, 0.5, 1],
            [1, 0, 0.5, 1],
            [0.5, 1, 0.5, 2],
        ],
        ['1'] =
        [
            [0.2, 0.4, 0.5, 0],
            [0.5, 0, 0.5, 2],
        ],
        ['4'] =
        [
            [0.7, 0, 0, 1.4],
            [0, 1.4, 1, 1.4],
            [0.7, 0, 0.7, 2],
        ],
        ['7'] =
        [
            [0, 0, 1, 0],
            [1, 0, 0.4, 2],
        ],
    };

    /// <summary>Dark text on a light plane, row after row, 0 for black to 1 for white.</summary>
    public static float[] Draw(string text, int height, int width)
    {
        var plane = new float[height * width];
        Array.Fill(plane, 1);
        var advance = (width - (2 * Margin)) / text.Length;
        for (var letter = 0; letter < text.Length; letter++)
        {
            foreach (var stroke in Strokes.GetValueOrDefault(text[letter], []))
            {
                var left = Margin + (letter * advance);
                var high = (height - (2 * Margin)) / 2;
                var (x, y) = (left + (stroke[0] * advance * LetterShare), Margin + (stroke[1] * high));
                var (dx, dy) = ((stroke[2] - stroke[0]) * advance * LetterShare, (stroke[3] - stroke[1]) * high);
                for (var pixel = 0; pixel < plane.Length; pixel++)
                {
                    var (px, py) = ((pixel % width) - x, (pixel / width) - y);
                    var along = Math.Clamp(((px * dx) + (py * dy)) / ((dx * dx) + (dy * dy)), 0, 1);
                    var distance = Math.Sqrt(Math.Pow(px - (along * dx), 2) + Math.Pow(py - (along * dy), 2));
                    plane[pixel] = Math.Min(plane[pixel], (float)Math.Clamp(distance - HalfStroke, 0, 1));
                }
            }
        }

        return plane;
    }
}
