using System.Text.Json.Serialization;

namespace WebApi.Intake;

/// <summary>The JSON form of an image.</summary>
/// <param name="Pixels">784 integers from 0 to 255, row by row from the top.</param>
public sealed record JsonImage(int[]? Pixels);

/// <summary>Readers and writers of all JSON of the service, made at compile time: no reflection at run time.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(JsonImage))]
[JsonSerializable(typeof(Inference.Classification))]
[JsonSerializable(typeof(Endpoints.ModelDescription))]
[JsonSerializable(typeof(Microsoft.AspNetCore.Mvc.ProblemDetails))]
public sealed partial class JsonShapes : JsonSerializerContext;
