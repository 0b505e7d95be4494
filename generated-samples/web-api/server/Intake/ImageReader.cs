using System.Text.Json;

namespace WebApi.Intake;

/// <summary>Reads one 28 x 28 grey image of a request, as 784 raw bytes or as JSON.</summary>
public static class ImageReader
{
    /// <summary>The bytes of an image: one per pixel, row by row from the top, 0 black to 255 white.</summary>
    public static int PixelCount => Fashion.InputLength;

    /// <summary>Reads the body by its content type.</summary>
    /// <returns>The pixels, or why there are none.</returns>
    /// <exception cref="BadHttpRequestException">The body is larger than the server takes, or breaks off.</exception>
    public static ValueTask<ImageOrProblem> ReadAsync(HttpRequest request, CancellationToken cancellation) =>
        ContentTypeOf(request) switch
        {
            "application/octet-stream" => ReadRawAsync(request.Body, cancellation),
            "application/json" => ReadJsonAsync(request.Body, cancellation),
            var other => ValueTask.FromResult(
                ImageOrProblem.Refuse(
                    StatusCodes.Status415UnsupportedMediaType,
                    $"Found the content type '{other}', expected application/octet-stream with {PixelCount} bytes or application/json "
                        + $"with {{\"pixels\": [...]}}."
                )
            ),
        };

    private static string ContentTypeOf(HttpRequest request) => (request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();

    private static async ValueTask<ImageOrProblem> ReadRawAsync(Stream body, CancellationToken cancellation)
    {
        var pixels = new byte[PixelCount];
        var count = await body.ReadAtLeastAsync(pixels, PixelCount, throwOnEndOfStream: false, cancellation);
        if (count < PixelCount)
            return ImageOrProblem.Refuse(
                StatusCodes.Status400BadRequest,
                $"Found {count} bytes, expected {PixelCount}: 28 rows of 28 grey pixels."
            );

        // The rest is read to its end, so that a body over the limit is refused as such and the connection stays usable.
        long excess = 0;
        var rest = new byte[1024];
        while (await body.ReadAsync(rest, cancellation) is > 0 and var more)
            excess += more;
        return excess == 0
            ? new ImageOrProblem(pixels)
            : ImageOrProblem.Refuse(
                StatusCodes.Status400BadRequest,
                $"Found {PixelCount + excess} bytes, expected {PixelCount}: 28 rows of 28 grey pixels."
            );
    }

    private static async ValueTask<ImageOrProblem> ReadJsonAsync(Stream body, CancellationToken cancellation)
    {
        try
        {
            var image = await JsonSerializer.DeserializeAsync(body, JsonShapes.Default.JsonImage, cancellation);
            return FromNumbers(image?.Pixels);
        }
        catch (JsonException exception)
        {
            return ImageOrProblem.Refuse(
                StatusCodes.Status400BadRequest,
                $"The JSON cannot be read at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} "
                    + $"({exception.Path}): expected {{\"pixels\": [...]}} with {PixelCount} integers from 0 to 255."
            );
        }
    }

    private static ImageOrProblem FromNumbers(int[]? numbers)
    {
        if (numbers is null)
            return ImageOrProblem.Refuse(
                StatusCodes.Status400BadRequest,
                $"Found no \"pixels\", expected {PixelCount} integers from 0 to 255."
            );
        if (numbers.Length != PixelCount)
            return ImageOrProblem.Refuse(
                StatusCodes.Status400BadRequest,
                $"Found {numbers.Length} pixels, expected {PixelCount}: 28 rows of 28."
            );
        var pixels = new byte[PixelCount];
        for (var index = 0; index < pixels.Length; index++)
        {
            if (numbers[index] is < 0 or > 255)
                return ImageOrProblem.Refuse(
                    StatusCodes.Status400BadRequest,
                    $"Found {numbers[index]} at pixels[{index}], expected 0 to 255."
                );
            pixels[index] = (byte)numbers[index];
        }

        return new ImageOrProblem(pixels);
    }
}
