using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using WebApi.Load;
using Xunit;

namespace Subp.Samples.WebApi.Tests;

public sealed class RequestTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Raw = "application/octet-stream";
    private const string Json = "application/json";

    [Theory]
    [InlineData(Raw)]
    [InlineData(Json)]
    public async Task An_image_is_answered_with_its_class_and_the_probabilities_of_all(string contentType)
    {
        var image = ExpectedImages.Read(1)[0];
        using var response = await Post(contentType, contentType == Raw ? image.Raw : image.Json);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await Root(response);
        Assert.Equal(image.Class, answer.GetProperty("class").GetString());
        Assert.Equal(10, answer.GetProperty("probabilities").GetArrayLength());
        Assert.Equal(1.0, answer.GetProperty("probabilities").EnumerateArray().Sum(value => value.GetDouble()), 1e-5);
        Assert.Equal(
            answer.GetProperty("probability").GetDouble(),
            answer.GetProperty("probabilities").EnumerateArray().Max(value => value.GetDouble())
        );
    }

    [Theory]
    [InlineData(Raw, 0, 400, "Found 0 bytes, expected 784")]
    [InlineData(Raw, 783, 400, "Found 783 bytes, expected 784")]
    [InlineData(Raw, 785, 400, "Found 785 bytes, expected 784")]
    [InlineData(Raw, 16385, 413, "The max request body size is 16384 bytes")]
    [InlineData("image/png", 784, 415, "Found the content type 'image/png', expected application/octet-stream")]
    public async Task A_body_that_is_no_image_is_refused_with_what_was_found_and_expected(
        string contentType,
        int length,
        int status,
        string detail
    ) => await AssertProblem(contentType, new byte[length], status, detail);

    [Theory]
    [InlineData("", "cannot be read at line 1")]
    [InlineData("{\"pixels\":[1,2", "cannot be read at line 1")]
    [InlineData("{\"pixels\":[1,\"a\"]}", "($.pixels[1])")]
    [InlineData("null", "Found no \"pixels\"")]
    [InlineData("{}", "Found no \"pixels\"")]
    [InlineData("{\"pixels\":[1,2,3]}", "Found 3 pixels, expected 784")]
    public async Task Json_that_is_no_image_is_refused_with_the_place(string text, string detail) =>
        await AssertProblem(Json, Encoding.UTF8.GetBytes(text), 400, detail);

    [Fact]
    public async Task A_pixel_that_is_no_byte_is_refused_with_its_index()
    {
        var text = "{\"pixels\":[" + string.Join(",", Enumerable.Range(0, 784).Select(index => index == 700 ? "256" : "0")) + "]}";
        await AssertProblem(Json, Encoding.UTF8.GetBytes(text), 400, "Found 256 at pixels[700]");
    }

    [Fact]
    public async Task The_model_describes_itself()
    {
        using var response = await server.Client.GetAsync("/model");
        var model = await Root(response);
        Assert.Equal("fashion-resnet8", model.GetProperty("name").GetString());
        Assert.Equal("ankle boot", model.GetProperty("classes")[9].GetString());
        Assert.Equal([1, 1, 28, 28], model.GetProperty("inputShape").EnumerateArray().Select(value => value.GetInt32()));
    }

    [Theory]
    [InlineData("/health/live", "live\n")]
    [InlineData("/health/ready", "ready\n")]
    public async Task A_running_server_is_live_and_ready(string path, string text) =>
        Assert.Equal(text, await server.Client.GetStringAsync(path));

    [Fact]
    public async Task Metrics_count_a_request_by_status_and_duration()
    {
        var before = await ServerFigures.ReadAsync(server.Client);
        (await Post(Raw, new byte[784])).Dispose();
        (await Post(Raw, new byte[1])).Dispose();
        var after = await ServerFigures.ReadAsync(server.Client);
        Assert.Equal(1, after["webapi_requests_total{code=\"200\"}"] - before["webapi_requests_total{code=\"200\"}"]);
        Assert.Equal(1, after["webapi_requests_total{code=\"400\"}"] - before["webapi_requests_total{code=\"400\"}"]);
        Assert.Equal(2, after["webapi_request_duration_seconds_count"] - before["webapi_request_duration_seconds_count"]);
        Assert.Equal(after["webapi_request_duration_seconds_count"], after["webapi_request_duration_seconds_bucket{le=\"+Inf\"}"]);
    }

    private async Task<HttpResponseMessage> Post(string contentType, byte[] body)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } };
        return await server.Client.PostAsync("/classify", content);
    }

    private async Task AssertProblem(string contentType, byte[] body, int status, string detail)
    {
        using var response = await Post(contentType, body);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await Root(response);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> Root(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return document.RootElement.Clone();
    }
}
