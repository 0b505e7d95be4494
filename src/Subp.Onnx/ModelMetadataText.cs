using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf.Collections;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Onnx.Protos;

namespace Subp.Onnx;

/// <summary>Keeps class names and normalisation in the metadata entries of an ONNX file.</summary>
internal static class ModelMetadataText
{
    private const string Classes = "subp.classes";
    private const string Mean = "subp.normalization.mean";
    private const string Deviation = "subp.normalization.deviation";

    // Class names in any script stay readable in a model viewer.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Adds the entries of what is known.</summary>
    public static void Write(ModelMetadata metadata, RepeatedField<StringStringEntryProto> entries)
    {
        void Add(string key, string value) => entries.Add(new StringStringEntryProto { Key = key, Value = value });
        if (metadata.ClassNames.Count > 0)
            Add(Classes, JsonSerializer.Serialize(metadata.ClassNames, Json));
        if (metadata.NormalizationMean.Count > 0)
            Add(Mean, Numbers(metadata.NormalizationMean));
        if (metadata.NormalizationDeviation.Count > 0)
            Add(Deviation, Numbers(metadata.NormalizationDeviation));
    }

    /// <summary>Reads the entries; other entries are left alone.</summary>
    /// <exception cref="SubpException">An entry does not have the form that <see cref="Write"/> gives it.</exception>
    public static ModelMetadata Read(RepeatedField<StringStringEntryProto> entries) =>
        new()
        {
            ClassNames = ReadNames(Find(entries, Classes)),
            NormalizationMean = ReadNumbers(Mean, Find(entries, Mean)),
            NormalizationDeviation = ReadNumbers(Deviation, Find(entries, Deviation)),
        };

    private static string? Find(RepeatedField<StringStringEntryProto> entries, string key) =>
        entries.FirstOrDefault(entry => entry.Key == key)?.Value;

    private static string Numbers(IEnumerable<float> numbers) =>
        string.Join(",", numbers.Select(number => number.ToString("R", CultureInfo.InvariantCulture)));

    private static string[] ReadNames(string? text)
    {
        if (text is null)
            return [];
        try
        {
            var names = JsonSerializer.Deserialize<string[]>(text);
            if (names is not null && names.All(name => name is not null))
                return names;
        }
        catch (JsonException)
        {
            // The answer below is the same for text that is no JSON and for JSON that is no array of strings.
        }

        throw Invalid(Classes, text, "a JSON array of strings");
    }

    private static float[] ReadNumbers(string key, string? text)
    {
        if (text is null)
            return [];
        return
        [
            .. text.Split(',')
                .Select(part =>
                    float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite(number)
                        ? number
                        : throw Invalid(key, text, "finite numbers separated by commas")
                ),
        ];
    }

    private static SubpException Invalid(string key, string text, string expected) =>
        new(
            DiagnosticDescriptors.OnnxMetadata,
            $"metadata {key}",
            $"\"{(text.Length > 80 ? text[..80] + "..." : text)}\"",
            expected,
            "Mend the entry or remove it."
        );
}
